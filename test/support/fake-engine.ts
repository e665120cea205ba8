import { Duplex } from "node:stream";
import Docker from "dockerode";

/** How a command in a container ends. */
export interface Ended {
  readonly exitCode: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

export interface FakeEngineOptions {
  /** Answers a command that is run in a container, by its stdin. `undefined`: it never ends. */
  readonly answer?: (stdin: string) => Ended | undefined;
  /** Called when a container has started. */
  readonly onStart?: () => void;
  /** What a container has written to stderr. */
  readonly log?: string;
  /** What `inspect` says of a container. */
  readonly state?: Partial<Docker.ContainerInspectInfo["State"]>;
  /** As `docker info` names it. */
  readonly architecture?: "x86_64" | "aarch64";
}

export interface FakeEngine {
  readonly docker: Docker;
  /** Settings of every container that was made, in order. */
  readonly created: readonly Docker.ContainerCreateOptions[];
  /** Names of the containers that are there now. */
  readonly containers: ReadonlySet<string>;
}

/**
 * A piece of a container's output with the engine's header: 1 for stdout or 2 for stderr, and its length.
 * https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerAttach
 */
function frame(stream: 1 | 2, content: string): Buffer {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(content), 4);
  return Buffer.concat([header, Buffer.from(content)]);
}

/** A command in a container: what is written to it is its stdin, what is read from it its framed output. */
function command(answer: (stdin: string) => Ended | undefined) {
  let ended: Ended | undefined;
  const received: Buffer[] = [];
  const stream = new Duplex({
    read() {},
    write(chunk, _, done) {
      received.push(chunk);
      done();
    },
    final(done) {
      ended = answer(Buffer.concat(received).toString());
      if (ended) {
        this.push(frame(1, ended.stdout ?? ""));
        this.push(frame(2, ended.stderr ?? ""));
        this.push(null);
      }
      done();
    },
  });
  return {
    start: async () => stream,
    inspect: async () => ({ Running: !ended, ExitCode: ended?.exitCode ?? null }),
  };
}

/** An engine in memory, as dockerode shows one: containers are made, started, answer commands and are removed. */
export function fakeEngine({
  answer = () => undefined,
  onStart = () => {},
  log = "",
  state = { Running: true },
  architecture = "x86_64",
}: FakeEngineOptions = {}): FakeEngine {
  const created: Docker.ContainerCreateOptions[] = [];
  const containers = new Set<string>();
  const { modem } = new Docker({ socketPath: "/nonexistent" });
  const createContainer = async (settings: Docker.ContainerCreateOptions) => {
    const name = settings.name ?? "";
    created.push(settings);
    containers.add(name);
    return {
      modem,
      start: async () => onStart(),
      exec: async () => command(answer),
      logs: async () => frame(2, log),
      inspect: async () => ({ State: state }),
      remove: async () => void containers.delete(name),
    };
  };
  const docker = { createContainer, info: async () => ({ Architecture: architecture }) };
  return { docker: docker as unknown as Docker, created, containers };
}
