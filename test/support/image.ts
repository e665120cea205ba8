import { execa } from "execa";

/** Builds an image from the text of a Dockerfile into the engine's store, without mkimage. */
export async function buildImage(reference: string, dockerfile: string): Promise<void> {
  const args = ["buildx", "build", "--load", "--provenance=false", "--tag", reference, "-"];
  await execa("docker", args, { input: dockerfile });
}
