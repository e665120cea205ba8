import type { Ecr } from "../clients/ecr.ts";
import { UserError } from "../errors.ts";
import { commandFor } from "../plan/build-command.ts";
import type { Image } from "../plan/image.ts";
import { pushTag } from "./push.ts";
import { findRepository } from "./repositories.ts";

/** An image that a registry holds. */
export interface Published extends Image {
  /** `<registry>/<repository>@sha256:…`: what Lambda takes. */
  readonly remote: string;
  readonly digest: string;
}

/**
 * What the registry has under the tags of the images. Nothing is built, sent or changed, and no engine is needed.
 * @throws UserError (exit 1) for an image that has not been pushed.
 */
export async function findPublished(images: readonly Image[], ecr: Ecr): Promise<Published[]> {
  const names = [...new Set(images.map(({ repository }) => repository))];
  const found = names.map(async (name) => [name, await findRepository(name, ecr)] as const);
  const repositories = new Map(await Promise.all(found));
  return Promise.all(
    images.map(async (image) => {
      const repository = repositories.get(image.repository);
      const tag = pushTag(image);
      const found = repository && (await ecr.findTag(repository, tag));
      if (!found) {
        throw new UserError(`${repository?.uri ?? image.repository}:${tag} has not been pushed`, {
          reason: "check",
          hint: `Push it first: ${commandFor(image, "push")}`,
        });
      }
      return { ...image, remote: `${repository.uri}@${found.digest}`, digest: found.digest };
    }),
  );
}

/**
 * An image by the reference that a push has printed, in place of the one that a tag names.
 * @throws UserError (exit 2) for a reference without digest, or one for several images
 */
export function namedImage(images: readonly Image[], reference: string): Published[] {
  const [, digest] = /^[\w.:/-]+@(sha256:[0-9a-f]{64})$/.exec(reference) ?? [];
  if (!digest) {
    throw new UserError(`--image: "${reference}" is not a reference by digest`, {
      hint: "Write it as `mkimage push` prints it: REGISTRY/REPOSITORY@sha256:…",
    });
  }
  const [image, ...others] = images;
  if (image && others.length === 0) return [{ ...image, remote: reference, digest }];
  throw new UserError(`--image is for one function, and ${images.length} are chosen`, {
    hint: `Choose it with --function: ${images.map((each) => each.function).join(", ")}`,
  });
}

/** Packed bytes of an image by its reference; undefined when the registry does not have it. */
export async function imageSize(reference: string, ecr: Ecr): Promise<number | undefined> {
  const [name = "", digest = ""] = reference.split("@");
  const repository = await findRepository(name, ecr);
  return repository && ecr.findSize(repository, digest);
}
