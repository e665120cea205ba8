import { z } from "zod";

/** The scanner that BuildKit takes by itself: https://docs.docker.com/build/metadata/attestations/sbom/ */
const SCANNER = "docker/buildkit-syft-scanner:stable-1";

/** What is pushed beside an image, about it. */
export const attestationsSchema = z.strictObject({
  sbom: z
    .boolean()
    .default(false)
    .describe(
      "A list of what is in the image (SPDX), made by the scanner; `--sbom` or `--no-sbom` replaces it.",
    ),
  provenance: z
    .boolean()
    .default(false)
    .describe(
      "How the image was built (SLSA provenance), as BuildKit tells it; `--provenance` or `--no-provenance` replaces it.",
    ),
  scanner: z
    .string()
    .regex(/^\w[\w.\-/:]*(?:@sha256:[0-9a-f]{64})?$/, "expected the reference of an image")
    .default(SCANNER)
    .describe(
      "Image of the scanner, which speaks BuildKit's protocol. With a digest it is always the same one.",
    ),
});

/** Which ones are wanted, and the scanner. */
export type Attestations = z.output<typeof attestationsSchema>;

/** What mkimage.json says, with what the command line says in place of it. */
export const attestationsOf = (
  file: Attestations | undefined,
  { sbom, provenance }: { readonly sbom?: boolean | undefined; readonly provenance?: boolean | undefined },
): Attestations => {
  const said = file ?? attestationsSchema.parse({});
  return { ...said, sbom: sbom ?? said.sbom, provenance: provenance ?? said.provenance };
};
