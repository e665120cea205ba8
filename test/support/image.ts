import { join } from "node:path";
import { execa } from "execa";
import { prepareBuilt } from "../../build/command-line/prepare.ts";
import type { ConfigFlags } from "../../build/config/config.ts";

/** Builds an image from the text of a Dockerfile into the engine's store, without mkimage. */
export async function buildImage(
  reference: string,
  dockerfile: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<void> {
  const given = Object.entries(labels).flatMap(([name, value]) => ["--label", `${name}=${value}`]);
  const args = ["buildx", "build", "--load", "--provenance=false", ...given, "--tag", reference, "-"];
  await execa("docker", args, { input: dockerfile });
}

/** The same in place of the image of a project's only cell with these flags: with its name and its labels. */
export async function buildInPlace(folder: string, flags: ConfigFlags, dockerfile: string): Promise<void> {
  const config = join(folder, "mkimage.json");
  const [image] = await prepareBuilt({ ...flags, config }, new AbortController().signal);
  if (!image) throw new Error("the project has no such cell");
  await buildImage(image.reference, dockerfile, image.labels);
}
