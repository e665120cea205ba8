import type Docker from "dockerode";
import { findImage, type StoredImage } from "../clients/docker.ts";
import { UserError } from "../errors.ts";
import type { Image } from "../plan/image.ts";

/** The engine's store lacks the image that the plan names, or has another one by its name. */
export class NotBuiltError extends UserError {
  constructor({ reference, command }: Image, what: string) {
    super(`${reference} ${what}`, { reason: "check", hint: `Run: ${command}` });
  }
}

type Labels = Readonly<Record<string, string>>;

const TOOL = "mkimage.version";

/**
 * The image as the engine's store has it, whatever it was built from.
 * @throws NotBuiltError (exit 1) with the command that builds it
 */
export async function storedImage(docker: Docker, image: Image): Promise<StoredImage> {
  const found = await findImage(docker, image.reference);
  if (found) return found;
  throw new NotBuiltError(image, "has not been built");
}

/** How a label that differs is told, the most telling first. */
const OTHERS: readonly [label: RegExp, what: string][] = [
  [/^mkimage\.project$/, "project"],
  [/^mkimage\.function$/, "function"],
  [/^mkimage\.models?$/, "model"],
  [/^mkimage\.quantization$/, "quantization"],
  [/^mkimage\.os$/, "operating system"],
  [/^mkimage\.arch$/, "architecture"],
  [/^mkimage\.handler$/, "handler"],
  [/^org\.opencontainers\.image\.base\.name$/, "base image"],
];

const OLDER: readonly [label: RegExp, what: (image: Image, label: string) => string][] = [
  [/^mkimage\.task$|^mkimage\.model\..*digest$|^mkimage\.gate\./, changedModel],
  [/^mkimage\.handler\.digest$/, ({ handler }) => `${handler?.file} or what it imports`],
  [/^org\.opencontainers\.image\.base\.digest$/, ({ bases }) => `${bases.os.reference} in models/lock.json`],
];

/** The spec of the model that a label speaks of; its lock and files are meant as well. */
function changedModel({ models }: Image, label: string): string {
  const { name } = models.find((each) => label.includes(`.${each.name}.`)) ?? models[0];
  return `models/${name}.json or the model's files`;
}

/**
 * What an image that has these labels is, in place of what the plan names; undefined when it is that. The revision and the
 * version of the project do not count: another commit may change nothing that is in the image. Nor does a base count that
 * the lock does not pin.
 */
export function outdated(image: Image, stored: Labels): string | undefined {
  const { labels } = image;
  const ours = Object.keys(stored).filter((label) => label.startsWith("mkimage."));
  const differing = [...new Set([...Object.keys(labels), ...ours])].filter(
    (label) => labels[label] !== stored[label],
  );
  const [was, is] = [stored[TOOL], labels[TOOL]];
  if (was === undefined) return `is older than mkimage ${is}`;
  for (const [pattern, what] of OTHERS) {
    const label = differing.find((each) => pattern.test(each));
    if (label) return `is of another ${what}: ${stored[label] ?? "none"}, not ${labels[label] ?? "none"}`;
  }
  for (const [pattern, what] of OLDER) {
    const label = differing.find((each) => pattern.test(each));
    if (label) return `is older than ${what(image, label)}`;
  }
  return was === is ? undefined : `was built by mkimage ${was}, and this is ${is}`;
}

/**
 * The image that the plan names.
 * @throws NotBuiltError (exit 1) with the command that builds it, when there is none or it is another one
 */
export async function currentImage(docker: Docker, image: Image): Promise<StoredImage> {
  const stored = await storedImage(docker, image);
  const what = outdated(image, stored.labels);
  if (what === undefined) return stored;
  throw new NotBuiltError(image, what);
}
