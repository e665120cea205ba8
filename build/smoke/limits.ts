import type Docker from "dockerode";
import type { Arch } from "../catalog.ts";

/** What a function in a sandbox has. */
export interface SandboxSettings {
  readonly arch: Arch;
  /** Under emulation the processor's share is not limited: QEMU takes most of it. */
  readonly emulated: boolean;
  /** Processors of the engine's machine. */
  readonly processors: number;
  /** MB, from 128 to 10240. */
  readonly memory: number;
  /** Size of /tmp in MB, from 512 to 10240. */
  readonly tmp: number;
  /** Seconds that an event may take. */
  readonly timeout: number;
  /** Whether the function reaches the network. */
  readonly network: boolean;
  readonly function: string;
}

type Created = Omit<Docker.ContainerCreateOptions, "HostConfig"> & {
  readonly Env?: string[];
  readonly HostConfig?: Docker.HostConfig;
};

/** A limit of Lambda's sandbox, and how a container gets it. */
export interface Limit {
  /** What is limited. */
  readonly what: string;
  /** What a function has of it. */
  readonly value: string;
  /** How it is set, in the words of `docker run`. */
  readonly how: string;
  /** Where AWS documents it. */
  readonly source: string;
  readonly set: (settings: SandboxSettings) => Created;
}

const GUIDE = "https://docs.aws.amazon.com/lambda/latest/dg";
const QUOTAS = `${GUIDE}/gettingstarted-limits.html`;
const RUNTIME = `${GUIDE}/lambda-runtime-environment.html`;

/** Memory that comes with one processor: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
export const MB_PER_PROCESSOR = 1769;

/** Microseconds. The engine's own period of 100 ms would stop a small function for most of a tenth of a second at a time. */
const CPU_PERIOD = 20_000;

/** User and group that Lambda runs functions as; neither has an entry in the image's passwd. */
export const LAMBDA_USER = "993:990";

/** Bytes of an event that Lambda takes: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const LONGEST_EVENT = 6 * 1024 * 1024;

/** Longest reply that is not streamed, in bytes. */
export const LONGEST_REPLY = 6 * 1024 * 1024;

/** Seconds that an init may take before Lambda runs it again, in the time of the first event. */
export const LONGEST_INIT = 10;

const MB = 1024 * 1024;

/** The limits in the order of docs/limits.md. A sandbox has these and no others. */
export const LIMITS = {
  root: {
    what: "file system",
    value: "read-only, and so are the image's volumes",
    how: "`--read-only`",
    source: `${GUIDE}/images-create.html#images-reqs`,
    set: () => ({ HostConfig: { ReadonlyRootfs: true } }),
  },
  tmp: {
    what: "/tmp",
    value: "512 MB, or `ephemeralStorage`; nothing else can be written",
    how: "`--tmpfs /tmp:size=512m`",
    source: QUOTAS,
    set: ({ tmp }) => ({ HostConfig: { Tmpfs: { "/tmp": `rw,nosuid,nodev,exec,size=${tmp}m` } } }),
  },
  shm: {
    what: "/dev/shm",
    value: "none",
    how: "`--ipc none`",
    source: "https://aws.amazon.com/blogs/compute/parallel-processing-in-python-with-aws-lambda/",
    set: () => ({ HostConfig: { IpcMode: "none" } }),
  },
  memory: {
    what: "memory",
    value: "`memory`, without swap",
    how: "`--memory`, `--memory-swap`",
    source: QUOTAS,
    set: ({ memory }) => ({ HostConfig: { Memory: memory * MB, MemorySwap: memory * MB } }),
  },
  processor: {
    what: "processor time",
    value: "`memory` / 1769 of a processor; not limited under emulation",
    how: "`--cpu-quota` of a `--cpu-period` of 20 ms",
    source: `${GUIDE}/configuration-memory.html`,
    set({ memory, emulated, processors }) {
      const share = Math.min(memory / MB_PER_PROCESSOR, processors);
      const quota = { CpuPeriod: CPU_PERIOD, CpuQuota: Math.round(share * CPU_PERIOD) };
      return emulated ? {} : { HostConfig: quota };
    },
  },
  user: {
    what: "user",
    value: "993:990, which no image has in /etc/passwd",
    how: "`--user`",
    source: `${GUIDE}/images-create.html#images-reqs`,
    set: () => ({ User: LAMBDA_USER }),
  },
  capabilities: {
    what: "capabilities",
    value: "none",
    how: "`--cap-drop ALL`",
    source: RUNTIME,
    set: () => ({ HostConfig: { CapDrop: ["ALL"] } }),
  },
  privileges: {
    what: "new privileges",
    value: "none, from setuid files for example",
    how: "`--security-opt no-new-privileges`",
    source: RUNTIME,
    set: () => ({ HostConfig: { SecurityOpt: ["no-new-privileges"] } }),
  },
  processes: {
    what: "processes and threads",
    value: "1,024",
    how: "`--pids-limit`",
    source: QUOTAS,
    set: () => ({ HostConfig: { PidsLimit: 1024 } }),
  },
  files: {
    what: "open files",
    value: "1,024",
    how: "`--ulimit nofile`",
    source: QUOTAS,
    set: () => ({ HostConfig: { Ulimits: [{ Name: "nofile", Soft: 1024, Hard: 1024 }] } }),
  },
  time: {
    what: "time",
    value: "`timeout`, or 60 s; five times as much under emulation. An init longer than 10 s is noted",
    how: "the emulator's `AWS_LAMBDA_FUNCTION_TIMEOUT`",
    source: QUOTAS,
    set: ({ timeout }) => ({ Env: [`AWS_LAMBDA_FUNCTION_TIMEOUT=${timeout}`] }),
  },
  reply: {
    what: "reply",
    value: "6 MB; the emulator gives a streamed one whole, so it counts too",
    how: "compared with what the emulator gives",
    source: QUOTAS,
    set: () => ({}),
  },
  environment: {
    what: "environment",
    value: "the variables that Lambda sets, and none of the machine",
    how: "`--env`",
    source: `${GUIDE}/configuration-envvars.html#configuration-envvars-runtime`,
    set: ({ memory, function: name }) => ({
      Env: [
        `AWS_LAMBDA_FUNCTION_MEMORY_SIZE=${memory}`,
        `AWS_LAMBDA_FUNCTION_NAME=${name}`,
        "AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
        "AWS_REGION=us-east-1",
        "AWS_DEFAULT_REGION=us-east-1",
        "TZ=:UTC",
      ],
    }),
  },
  network: {
    what: "network",
    value: "none; `--network` gives the engine's",
    how: "`--network none`",
    source: "stricter than Lambda, so that nothing is fetched at start",
    set: ({ network }) => ({ HostConfig: { NetworkMode: network ? "default" : "none" } }),
  },
  cpuList: {
    what: "/sys/devices/system/cpu on arm64",
    value: "empty: native libraries look there for the processors",
    how: "`--tmpfs /sys/devices/system/cpu:ro`",
    source: "https://github.com/microsoft/onnxruntime/issues/10038",
    set: ({ arch }): Created =>
      arch === "arm64" ? { HostConfig: { Tmpfs: { "/sys/devices/system/cpu": "ro,size=4k" } } } : {},
  },
} as const satisfies Record<string, Limit>;

/** Two settings as one: lists are joined, tables merged. */
function joined(a: Created, b: Created): Created {
  return {
    ...a,
    ...b,
    Env: [...(a.Env ?? []), ...(b.Env ?? [])],
    HostConfig: {
      ...a.HostConfig,
      ...b.HostConfig,
      Tmpfs: { ...a.HostConfig?.Tmpfs, ...b.HostConfig?.Tmpfs },
    },
  };
}

/** The settings of a container that has all of Lambda's limits. Pure. */
export const limitedTo = (settings: SandboxSettings): Created =>
  Object.values<Limit>(LIMITS).reduce<Created>((all, limit) => joined(all, limit.set(settings)), {});
