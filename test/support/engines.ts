import { join } from "node:path";
import { execa } from "execa";
import { builderDriver } from "../../build/clients/buildx.ts";
import { connectDocker, type ImageStore, imageStore } from "../../build/clients/docker.ts";
import { TOOL_ROOT } from "../../build/tool-root.ts";

/** Where a builder is: the engine's own, or one beside it (docker-container, remote, …). */
export type Place = "inside" | "outside";

/** An engine and a builder that mkimage can use. */
export interface Pair {
  /** What makes docker and mkimage use them. */
  readonly env: Readonly<Record<string, string>>;
  /** Where the engine has public.ecr.aws's images, when it reaches a mirror of Docker Hub alone. */
  readonly rie?: string;
}

/** The name of the builder that every engine has inside. */
const INSIDE = "default";

/** Since this version the builder inside of Docker knows named contexts. */
const WITH_CONTEXTS = 23;

/** The engines that test/engine/stores starts, or why it cannot. */
async function startStores(): Promise<Record<string, string> | string> {
  const { exitCode, stdout, stderr } = await execa(join(TOOL_ROOT, "test/engine/stores/up"), {
    reject: false,
  });
  if (exitCode === 3) return stderr;
  if (exitCode !== 0) throw new Error(`test/engine/stores/up ended with ${exitCode}:\n${stderr}`);
  return Object.fromEntries(stdout.split("\n").map((line) => line.split("=") as [string, string]));
}

let started: ReturnType<typeof startStores> | undefined;

/** Why this machine's own engine and builder are not such a pair; undefined when they are. */
async function ownLacks(store: ImageStore, place: Place): Promise<string | undefined> {
  const docker = await connectDocker();
  const own = await imageStore(docker);
  if (own !== store) return `this machine's own engine has a ${own} store`;
  const { Version } = await docker.version();
  if (place === "inside" && Number.parseInt(Version, 10) < WITH_CONTEXTS) {
    return `the builder inside Docker ${Version} is too old`;
  }
  const driver = await builderDriver();
  if (place === "outside" && driver === "docker")
    return "its current builder is the one inside of the engine";
  return undefined;
}

/**
 * An engine with this kind of image store and a builder at this place: those that test/engine/stores starts, and where
 * it cannot, the machine's own. A text says why there is none.
 */
export async function findPair(store: ImageStore, place: Place): Promise<Pair | string> {
  started ??= startStores();
  const stores = await started;
  if (typeof stores === "string") {
    const lacks = await ownLacks(store, place);
    if (lacks) return `${lacks}, and none could be started: ${stores}`;
    return { env: place === "inside" ? { BUILDX_BUILDER: INSIDE } : {} };
  }
  const { stdout } = await execa("docker", ["buildx", "inspect"]);
  const [, current = ""] = /^Name:\s+(\S+)/m.exec(stdout) ?? [];
  if (place === "outside" && (await builderDriver()) !== "remote") {
    return `the current builder, ${current}, belongs to the machine's own engine`;
  }
  return {
    env: {
      DOCKER_HOST: stores[store] as string,
      BUILDX_BUILDER: place === "inside" ? INSIDE : current,
    },
    ...(stores["mirror"] && { rie: "docker.io/lambda/provided:al2023" }),
  };
}
