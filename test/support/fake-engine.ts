import { Duplex } from "node:stream";
import { buffer } from "node:stream/consumers";
import Docker from "dockerode";
import { pack } from "tar-stream";
import { tinyElf } from "../unit/build/smoke/abi/tiny-elf.ts";

/** How a command in a container ends. */
export interface Ended {
  readonly exitCode: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** An image of the store. */
export interface FakeImage {
  readonly id: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface FakeEngineOptions {
  /** By reference. An image is found by its id as well. */
  readonly images?: Readonly<Record<string, FakeImage>>;
  /** The files of every image: path → content. */
  readonly files?: Readonly<Record<string, Buffer | string>>;
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
      const stdin = Buffer.concat(received).toString();
      // What is given nothing asks about the container itself, which has no programs.
      ended = stdin === "" ? { exitCode: 127 } : answer(stdin);
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

/** As dockerode throws it for what the engine does not have. */
const notFound = () => Object.assign(new Error("no such image"), { statusCode: 404 });

/** The entry point that every image has, so that it can be started as far as the rules for images can tell. */
const ENTRY_POINT = "lambda-entrypoint";

/** What `docker save` writes of an image: one layer with its files. */
export async function savedOf(files: Readonly<Record<string, Buffer | string>> = {}, arch = "amd64") {
  const layer = pack();
  layer.entry({ name: ENTRY_POINT, mode: 0o755 }, tinyElf({ machine: arch === "arm64" ? 183 : 62 }));
  for (const [name, content] of Object.entries(files)) layer.entry({ name }, content);
  layer.finalize();
  const config = { architecture: arch, os: "linux", config: { Entrypoint: [`/${ENTRY_POINT}`] } };
  const archive = pack();
  archive.entry({ name: "layer.tar" }, await buffer(layer));
  archive.entry({ name: "config.json" }, JSON.stringify(config));
  archive.entry(
    { name: "manifest.json" },
    JSON.stringify([{ Config: "config.json", Layers: ["layer.tar"] }]),
  );
  archive.finalize();
  return archive;
}

/** An engine in memory, as dockerode shows one: it has images, and containers are made, answer commands and are removed. */
export function fakeEngine({
  images = {},
  files = {},
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
      wait: () => new Promise(() => {}),
      exec: async () => command(answer),
      logs: async () => frame(2, log),
      inspect: async () => ({ State: state }),
      remove: async () => void containers.delete(name),
    };
  };
  const getImage = (reference: string) => {
    const found = images[reference] ?? Object.values(images).find(({ id }) => id === reference);
    return {
      async inspect() {
        if (!found) throw notFound();
        return { Id: found.id, Config: { Labels: found.labels ?? {} } };
      },
      get: () => savedOf(files, found?.labels?.["mkimage.arch"] ?? "amd64"),
      async history() {
        if (!found) throw notFound();
        return [];
      },
    };
  };
  const docker = { createContainer, getImage, info: async () => ({ Architecture: architecture }) };
  return { docker: docker as unknown as Docker, created, containers };
}
