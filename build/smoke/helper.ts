import { posix } from "node:path";
import type Docker from "dockerode";
import { riePath } from "../bake/caller.ts";
import type { Arch } from "../catalog.ts";
import { ensureCaller } from "../engine/caller-image.ts";
import type { Image } from "../plan/image.ts";
import { startedWords } from "./rules/command-rules.ts";
import type { ImageFacts } from "./rules/image-facts.ts";
import { type Helper, isEmulated } from "./sandbox.ts";

/** Where AWS's base images have the emulator, and the entry script that starts it. */
const RIE = "/usr/local/bin/aws-lambda-rie";
const ENTRY_SCRIPT = "lambda-entrypoint.sh";
const NODE = "/usr/local/bin/node";

interface HelperOptions {
  readonly docker: Docker;
  readonly signal: AbortSignal;
}

/** Whether the image starts an emulator of its own where it is not on Lambda. */
function hasEmulator(facts: ImageFacts): boolean {
  const [first = ""] = startedWords(facts);
  const isStarted = first === RIE || posix.basename(first) === ENTRY_SCRIPT;
  return isStarted && facts.files.has(RIE);
}

/** What it takes to call any image: nothing for one that has Node and the emulator. */
export async function helperFor(
  facts: ImageFacts,
  arch: Arch,
  { docker, signal }: HelperOptions,
): Promise<Helper | undefined> {
  const emulator = hasEmulator(facts);
  if (emulator && facts.files.has(NODE)) return undefined;
  const image = await ensureCaller(docker, signal);
  if (emulator) return { image };
  const { entrypoint, command } = facts.settings;
  return { image, entrypoint: [riePath(arch), ...entrypoint], command };
}

/**
 * What it takes to call an image of the project: an emulator for one that is built without, and a caller that is not emulated
 * for one that is. Its own Node would take seconds for each call.
 */
export async function ownHelper(
  { bases, arch }: Pick<Image, "bases" | "arch">,
  id: string,
  { docker, signal }: HelperOptions,
): Promise<Helper | undefined> {
  if (bases.rie && !(await isEmulated(docker, { arch }))) return undefined;
  const image = await ensureCaller(docker, signal);
  if (bases.rie) return { image };
  const { Config } = await docker.getImage(id).inspect();
  const entrypoint = [Config.Entrypoint ?? []].flat();
  return { image, entrypoint: [riePath(arch), ...entrypoint], command: Config.Cmd ?? [] };
}

/** What an image starts that names the emulator as its entry point, without it; undefined for any other. */
export function withoutEmulator(
  facts: ImageFacts,
): Pick<ImageFacts["settings"], "entrypoint" | "command"> | undefined {
  const { entrypoint, command } = facts.settings;
  return entrypoint[0] === RIE ? { entrypoint: entrypoint.slice(1), command } : undefined;
}
