import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { LAMBDA_EXPORT, toBakeFile } from "../bake/bake.ts";
import { csvField } from "../clients/csv.ts";
import type { Attestations } from "../config/attestations.ts";
import { UserError } from "../errors.ts";
import { withScratch } from "../leftovers/run-record.ts";
import type { Image } from "../plan/image.ts";
import { TOOL_ROOT } from "../tool-root.ts";
import type { BuildOptions, Packed } from "./built.ts";
import { layoutBlob } from "./oci.ts";
import { runBuild } from "./run-build.ts";

/** A statement about an image, as BuildKit writes it: https://github.com/in-toto/attestation/tree/main/spec */
export interface Statement {
  /** What kind of statement it is, as a URI. */
  readonly predicateType: string;
  /** The whole statement. */
  readonly content: Buffer<ArrayBuffer>;
}

const annotations = z.record(z.string(), z.string()).optional();
const descriptor = z.object({ digest: z.string(), annotations });
const indexSchema = z.object({ manifests: z.array(descriptor).min(1) });
const manifestSchema = z.object({ layers: z.array(descriptor) });

const readJson = async <T>(path: string, schema: z.ZodType<T>): Promise<T> =>
  schema.parse(JSON.parse(await readFile(path, "utf8")));

/** The statements of a layout about its one image, with that image's digest. */
async function readStatements(layout: string): Promise<{ digest: string; statements: Statement[] }> {
  const { manifests: outer } = await readJson(join(layout, "index.json"), indexSchema);
  const index = layoutBlob(layout, outer[0]?.digest ?? "");
  const { manifests } = await readJson(index, indexSchema);
  const of = "vnd.docker.reference.digest";
  const about = manifests.find((each) => each.annotations?.[of]);
  const { layers } = await readJson(layoutBlob(layout, about?.digest ?? ""), manifestSchema);
  const statements = layers.map(async ({ digest, annotations: marks }) => ({
    predicateType: marks?.["in-toto.io/predicate-type"] ?? "",
    content: await readFile(layoutBlob(layout, digest)),
  }));
  return { digest: about?.annotations?.[of] ?? "", statements: await Promise.all(statements) };
}

const attestOf = ({ sbom, provenance, scanner }: Attestations): string[] => [
  // `min`: build arguments and the names of secrets stay out of it.
  provenance ? "type=provenance,mode=min" : "type=provenance,disabled=true",
  sbom ? `type=sbom,generator=${scanner}` : "type=sbom,disabled=true",
];

export interface AttestOptions extends BuildOptions {
  readonly wanted: Attestations;
  /** What the statements call an image. */
  readonly nameOf: (image: Image) => string;
}

/**
 * Has BuildKit state what images are made of, in an output beside them: the images themselves come from its cache and keep
 * their digests.
 * @returns for each image its statements
 * @throws UserError (exit 1) when an image is another one by now
 */
export function makeStatements(
  images: readonly Packed[],
  { wanted, nameOf, ...options }: AttestOptions,
): Promise<Statement[][]> {
  return withScratch("mkimage-statements-", async (folder) => {
    const file = toBakeFile(images, {
      root: TOOL_ROOT,
      tag: nameOf,
      output: ({ target }) =>
        `type=oci,tar=false,${csvField(`dest=${join(folder, target)}`)},${LAMBDA_EXPORT}`,
      attest: attestOf(wanted),
      secrets: options.secrets,
    });
    await runBuild(file, images, { ...options, groups: [] });
    return Promise.all(
      images.map(async (image) => {
        const { digest, statements } = await readStatements(join(folder, image.target));
        if (digest === image.digest) return statements;
        throw new UserError(`${image.reference} changed after its push: ${image.digest}, then ${digest}`, {
          reason: "check",
          hint: "Do not change the project during a push, and run the command again.",
        });
      }),
    );
  });
}
