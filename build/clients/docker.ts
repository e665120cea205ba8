import { Agent } from "node:http";
import { Duplex, type Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type Docker from "dockerode";
import { publicUrl } from "../../models/public-url.ts";
import { UserError } from "../errors.ts";
import { start } from "../processes/programs.ts";
import { inClone } from "../tool-root.ts";
import { environmentFault } from "./engine-errors.ts";

/** Address of the engine of the current Docker context (DOCKER_HOST and DOCKER_CONTEXT count). */
async function engineHost(): Promise<string> {
  if (process.env["DOCKER_HOST"]) return process.env["DOCKER_HOST"];
  const shown = await start("docker", ["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"], {
    reject: false,
  });
  return shown.stdout?.trim() || "unix:///var/run/docker.sock";
}

/**
 * Connections through the docker command: it knows the keys and certificates of a context, and how to reach an engine by
 * SSH. Its own SSH connections use the same command: https://github.com/docker/cli/tree/master/cli/connhelper
 */
class CommandAgent extends Agent {
  override createConnection(): Duplex {
    const { stdin, stdout } = start("docker", ["system", "dial-stdio"], { buffer: false, reject: false });
    return Duplex.from({ readable: stdout, writable: stdin });
  }
}

/**
 * A client of the engine that the docker command uses.
 * @throws UserError (exit 3) when no engine answers.
 */
export async function connectDocker(): Promise<Docker> {
  const host = await engineHost();
  const { default: Engine } = await import("dockerode");
  try {
    const docker = host.startsWith("unix://")
      ? new Engine({ socketPath: host.slice("unix://".length) })
      : new Engine({ protocol: "http", host: "docker", port: 80, agent: new CommandAgent() } as object);
    await docker.ping();
    return docker;
  } catch (cause) {
    // The command says more than the end of its connection does.
    const { stderr } = await start("docker", ["version"], { reject: false });
    throw new UserError(
      `The Docker engine does not answer (${publicUrl(host)}): ${stderr?.trim() || (cause as Error).message}`,
      {
        hint: `Start Docker, and check \`docker context ls\`.${inClone(" On a Debian or Ubuntu machine without one: make engine.")}`,
        reason: "environment",
        cause,
      },
    );
  }
}

/** Whether an error of the engine says that the thing asked for does not exist. */
export const isNotFound = (error: unknown): boolean => (error as { statusCode?: number }).statusCode === 404;

/** An image in the engine's store. */
export interface StoredImage {
  /** The digest of the config, or of the manifest where the engine stores images in containerd. */
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Bytes of all layers, unpacked. */
  readonly size: number;
}

/** The image with this reference, or undefined when the store has none. */
export async function findImage(docker: Docker, reference: string): Promise<StoredImage | undefined> {
  try {
    const image = docker.getImage(reference);
    const [{ Id, Config }, history] = await Promise.all([image.inspect(), image.history()]);
    return {
      id: Id,
      labels: Config.Labels ?? {},
      // The size that `inspect` tells is that of the packed layers where images are stored in containerd.
      size: (history as { Size: number }[]).reduce((sum, { Size }) => sum + Size, 0),
    };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Gives an image of the store a further reference; the reference is moved if another image had it. */
export async function tagImage(docker: Docker, from: string, to: string): Promise<void> {
  const colon = to.lastIndexOf(":");
  await docker.getImage(from).tag({ repo: to.slice(0, colon), tag: to.slice(colon + 1) });
}

/** Removes a reference, and the image with it when nothing else refers to it. An unknown one is no error. */
export async function removeReference(docker: Docker, reference: string): Promise<void> {
  await docker
    .getImage(reference)
    .remove({ noprune: true })
    .catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
}

/** How an engine stores images: as layers of its own, unpacked, or in containerd, also as they are packed. */
export type ImageStore = "classic" | "containerd";

export async function imageStore(docker: Docker): Promise<ImageStore> {
  const { DriverStatus } = (await docker.info()) as { DriverStatus: [string, string][] | null };
  const isContainerd = DriverStatus?.some(
    ([key, value]) => key === "driver-type" && value.startsWith("io.containerd."),
  );
  return isContainerd ? "containerd" : "classic";
}

/** An image of the store by what it is made of. */
export interface StoredLayers {
  readonly id: string;
  /** Digests of its unpacked layers, the lowest first. */
  readonly diffIds: readonly string[];
}

/** Images of the store that have all of these labels. */
export async function listStored(
  docker: Docker,
  labels: Readonly<Record<string, string>>,
): Promise<StoredLayers[]> {
  const label = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  const listed = await docker.listImages({ filters: { label } });
  const inspected = listed.map(({ Id }) =>
    docker
      .getImage(Id)
      .inspect()
      .catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      }),
  );
  const found = await Promise.all(inspected);
  return found.flatMap((facts) => (facts ? [{ id: facts.Id, diffIds: facts.RootFS.Layers ?? [] }] : []));
}

/** The engine refuses an archive of images. */
export class LoadError extends UserError {
  constructor(refusal: string) {
    super(`The Docker engine cannot load an image: ${refusal}`, { reason: "environment" });
  }
}

/**
 * Loads an archive of images, as `docker load` does.
 * @returns a name of the last image, by which the engine knows it
 * @throws LoadError when the engine refuses it, UserError (exit 3) when the disk is full.
 */
export async function loadArchive(docker: Docker, archive: Readable, signal: AbortSignal): Promise<string> {
  try {
    const answer = await docker.loadImage(archive, { quiet: true, abortSignal: signal });
    // One JSON object a line; a refusal comes after status 200.
    const said = await text(answer);
    const refusal = said.split("\n").find((line) => line.includes('"errorDetail"'));
    if (refusal) throw new LoadError((JSON.parse(refusal) as { error: string }).error);
    return [...said.matchAll(/Loaded image(?: ID)?: ([^\s"\\]+)/g)].at(-1)?.[1] ?? "";
  } catch (error) {
    signal.throwIfAborted();
    throw environmentFault((error as Error).message, error) ?? error;
  }
}
