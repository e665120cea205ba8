import { ARCHES } from "../catalog.ts";
import type { Config, FunctionConfig } from "../config/config.ts";
import type { Deployment } from "../config/deployment.ts";
import { UserError } from "../errors.ts";
import type { Image } from "../plan/image.ts";
import type { Published } from "../registry/published.ts";
import type { VersionContent } from "./changes.ts";
import { versionSettings } from "./fields.ts";

/** Options of the command line that replace fields of mkimage.json. */
export interface DeployFlags {
  readonly alias?: string | undefined;
  readonly role?: string | undefined;
}

/**
 * What belongs to a function or its alias, and to no version. It takes effect at once, so it is changed last, when the alias
 * has a version whose answers have been checked.
 */
type Surroundings = Pick<Deployment, "tags" | "concurrency" | "url">;

/** A function of Lambda and what it should be. */
export interface Target {
  /** In mkimage.json and in Lambda. */
  readonly name: string;
  readonly alias: string;
  readonly image: Published;
  readonly content: VersionContent;
  /** Whether a version without SnapStart will do where Lambda refuses it. */
  readonly snapStartOptional: boolean;
  readonly surroundings: Surroundings;
  /** What a version must not exceed to get calls. */
  readonly gates: NonNullable<Deployment["gates"]>;
}

type Cell = Pick<Image, "function" | "name" | "os" | "arch" | "quantization">;

/** Whether an image is what a function's `deploy` and the flags ask for: a flag replaces the field. */
const isChosen = (image: Cell, { deploy }: FunctionConfig, { flags }: Pick<Config, "flags">): boolean =>
  (["os", "arch", "quantization"] as const).every(
    (axis) => flags[axis]?.length || deploy[axis] === undefined || deploy[axis] === image[axis],
  );

/**
 * The image of each function that is to be deployed. Pure.
 * @throws UserError (exit 2) for a function with several or none: Lambda takes one.
 */
export function chooseImages<T extends Cell>(
  images: readonly T[],
  config: Pick<Config, "functions" | "flags">,
): T[] {
  return config.functions.map((row) => {
    const own = images.filter((image) => image.function === row.name && isChosen(image, row, config));
    const [image] = own;
    if (image && own.length === 1) return image;
    const which =
      own.length > 1 ? `${own.length} images: ${own.map(({ name }) => name).join(", ")}` : "no such image";
    throw new UserError(`Function ${row.name} has ${which}; Lambda takes one`, {
      hint: `Choose it with --os and --arch, or with functions.${row.name}.deploy.os and .arch in mkimage.json.`,
    });
  });
}

/** What Lambda should have of each image. Pure. */
export function toTargets(images: readonly Published[], config: Config, flags: DeployFlags): Target[] {
  return images.map((image) => {
    const { name, memory, deploy } = config.functions.find(
      (row) => row.name === image.function,
    ) as FunctionConfig;
    const settings = versionSettings(memory, { ...deploy, role: flags.role ?? deploy.role });
    return {
      name,
      alias: flags.alias ?? deploy.alias,
      image,
      gates: deploy.gates ?? {},
      surroundings: { tags: deploy.tags, concurrency: deploy.concurrency, url: deploy.url },
      snapStartOptional: deploy.snapStart === "auto",
      content: { image: image.remote, architecture: ARCHES[image.arch].lambda, settings },
    };
  });
}
