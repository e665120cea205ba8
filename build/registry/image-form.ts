import type { RemoteImage } from "../clients/repository.ts";
import { UserError } from "../errors.ts";
import { gibibytes } from "../output.ts";
import { MAX_UNPACKED } from "../smoke/rules/file-rules.ts";

/** Media types of one image, as Lambda takes it; it refuses an index of several. */
const SINGLE = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

/** Media types of an image's configuration: what makes a manifest that of a container image. */
const CONFIGURATIONS = [
  "application/vnd.oci.image.config.v1+json",
  "application/vnd.docker.container.image.v1+json",
];

/** What a registry holds under a name, as far as it says so. */
type Form = Pick<RemoteImage, "mediaType" | "artifactType" | "size">;

/**
 * Refuses what is no container image: a Helm chart, a signature, an SBOM.
 * @param at how the user names it
 * @throws UserError (exit 1)
 */
export function requireContainerImage(at: string, { artifactType }: Form): void {
  // ECR tells the type of the configuration; emulators of it tell that of the manifest.
  if (!artifactType || [...CONFIGURATIONS, ...SINGLE].includes(artifactType)) return;
  throw new UserError(`${at} is no container image: ${artifactType}`, {
    reason: "check",
    hint: "The repository holds something else. Choose another one: `repository` in mkimage.json, or --repository.",
  });
}

/**
 * Refuses what Lambda would refuse.
 * @throws UserError (exit 1) for an index of several images, something that is no image, and an image that is too large
 */
export function requireLambdaImage(at: string, form: Form): void {
  requireContainerImage(at, form);
  const { mediaType, size = 0 } = form;
  if (mediaType && !SINGLE.includes(mediaType)) {
    throw new UserError(`${at} is of type ${mediaType}, which Lambda refuses`, {
      reason: "check",
      hint: "Lambda takes one image by its own digest, and no index: push it with `mkimage push`.",
    });
  }
  // What is larger while it is packed is not smaller unpacked.
  if (size > MAX_UNPACKED) {
    throw new UserError(
      `${at} has ${gibibytes(size)} packed, and Lambda takes ${gibibytes(MAX_UNPACKED)} unpacked at most`,
      { reason: "check", hint: "A smaller number format of the model may fit: --quantization int8" },
    );
  }
}
