import { AT_LEAST } from "../catalog.ts";
import { type ExitReason, UserError } from "../errors.ts";
import { inClone } from "../tool-root.ts";

interface Fault {
  readonly pattern: RegExp;
  readonly problem: string;
  readonly remedy: string;
  /** Default: the environment lacks something. */
  readonly reason?: ExitReason;
}

/** What an engine says when the machine, not the input, is at fault; the first match rules. */
const FAULTS: readonly Fault[] = [
  {
    pattern: /no space left on device|disk quota exceeded/i,
    problem: "The disk is full",
    remedy:
      "Free space, for example with `docker buildx prune` and `docker image prune`, and run the command again.",
  },
  {
    pattern: /emulate docker cli using podman|'podman buildx|`podman buildx/i,
    problem: "The docker command is Podman's, which has no buildx bake",
    remedy:
      "Install Docker, or its command line with buildx beside a builder: https://docs.docker.com/build/builders/drivers/remote/",
  },
  {
    pattern:
      /unknown command: docker buildx|'buildx' is not a docker command|unknown (?:shorthand )?flag: (?:--file|--metadata-file|'f' in -f)/i,
    problem: "docker buildx is missing or too old",
    remedy: `Install buildx ${AT_LEAST.buildx} or newer: https://docs.docker.com/go/buildx/${inClone(" (without Docker, on Debian: make engine)")}`,
  },
  {
    pattern:
      /cannot connect to the docker daemon|failed to connect to the docker api|permission denied while trying to connect to the docker|error during connect|docker daemon is not running|no such file or directory.*docker\.sock|ENOENT.*docker\.sock|ECONNREFUSED.*docker\.sock/i,
    problem: "The Docker engine does not answer",
    remedy: `Start Docker, and check that you may use it.${inClone(" On a Debian or Ubuntu machine without one: make engine.")}`,
  },
  {
    pattern:
      /failed to (?:find|list|get) (?:driver|workers|status)|buildkitd\.sock|no builder .* found|connection error: desc|failed to receive status: rpc error: code = Unavailable|^(?:ERROR: )?context deadline exceeded$/im,
    problem: "The current builder of docker buildx does not answer",
    remedy: `See \`docker buildx ls\`; choose another with \`docker buildx use NAME\`, or start this one again${inClone(" (make engine)")}. Of several nodes each has to answer: \`mkimage doctor\` names one that does not.`,
  },
  {
    pattern: /failed to mount \S*buildkit-mount[^\n]*no such file or directory/i,
    problem: "The builder has lost a part of its cache",
    remedy: `Start the builder again, then run the command again: \`docker buildx stop\` for one in a container, or restart its buildkitd or Docker.${inClone(" (make engine starts buildkitd.)")} If it stays: \`docker buildx prune\`.`,
  },
  {
    pattern: /qemu: uncaught target signal \d+/i,
    problem: "The emulator cannot run a program of another architecture",
    remedy: `Install a newer QEMU: docker run --privileged --rm tonistiigi/binfmt --install all${inClone(" (Debian: make engine)")}. Or use a machine of that architecture.`,
  },
  {
    pattern: /exec format error/i,
    problem: "A program of another architecture was started, and this machine cannot emulate it",
    remedy: `Install QEMU's user emulation: docker run --privileged --rm tonistiigi/binfmt --install all${inClone(" (Debian: make engine)")}.`,
  },
  {
    pattern:
      /failed to create LLB definition: \S+: not found|failed to resolve source metadata for .*: not found/i,
    problem: "A base image does not exist",
    remedy: "Check the reference: --base, or `bases` in mkimage.json.",
    reason: "usage",
  },
  {
    pattern: /error (?:getting|listing) credentials - err:/i,
    problem: "Docker's credential helper does not work",
    remedy:
      "Install the helper, or remove it (`credsStore`, `credHelpers`) from ~/.docker/config.json and log in again: docker login REGISTRY.",
  },
  {
    pattern: /toomanyrequests|unexpected status[^\n]*\b429\b/i,
    problem: "A container registry allows no more requests for now",
    remedy: "Log in, which raises the limit (docker login REGISTRY), or run the command again later.",
  },
  {
    pattern: /failed to authorize|pull access denied|insufficient_scope|no basic auth credentials/i,
    problem: "A container registry refuses access",
    remedy: "Check the reference, and log in: docker login REGISTRY.",
  },
  {
    pattern:
      /npm (?:error|ERR!) code (?:ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|E40[13]|\w*CERT\w*)/i,
    problem: "The npm registry does not answer",
    remedy:
      "Check the network and ~/.npmrc; behind a proxy that inspects TLS, set NODE_EXTRA_CA_CERTS. Both are given to the build.",
  },
  {
    pattern:
      /(?:ConnectTimeoutError|ReadTimeoutError|NewConnectionError|NameResolutionError|ProxyError|SSLError|ConnectionResetError)\(|No matching distribution found/i,
    problem: "The Python package index does not answer",
    remedy:
      "Check the network and pip.conf; behind a proxy that inspects TLS, set NODE_EXTRA_CA_CERTS. Both are given to the build.",
  },
  {
    pattern: /tls: failed to verify certificate|x509: /i,
    problem: "The builder does not trust the certificate of a container registry",
    remedy:
      "Make a builder that does: docs/network.md, “Registries with a certificate of your own”. NODE_EXTRA_CA_CERTS is for mkimage and the build steps alone.",
  },
  {
    pattern: /server gave HTTP response to HTTPS client/i,
    problem: "A container registry speaks HTTP, and the builder asks by HTTPS",
    remedy:
      'Have it serve HTTPS, or make a builder with `[registry."HOST:PORT"]` and `http = true` in its buildkitd.toml.',
  },
  {
    pattern:
      /failed to resolve source metadata|failed to do request|no such host|i\/o timeout|connection refused|TLS handshake|failed to copy: httpReadSeeker/i,
    problem: "A container registry does not answer",
    remedy: `Check the network and the registry's name${inClone("; where no registry can be reached: make mirror")}.`,
  },
];

/** As much of an engine's output as is read, from its end on. */
const READ = 16_000;

/** The fault that the engine's output shows, as an error (exit 3 for one of the machine); undefined when it shows none. */
export function environmentFault(whole: string, cause?: unknown): UserError | undefined {
  const output = whole.slice(-READ);
  const fault = FAULTS.find(({ pattern }) => pattern.test(output));
  if (!fault) return undefined;
  const line = output
    .split("\n")
    .find((each) => fault.pattern.test(each))
    ?.trim();
  return new UserError(`${fault.problem}${line ? `: ${line}` : ""}`, {
    hint: fault.remedy,
    reason: fault.reason ?? "environment",
    cause,
  });
}
