import type { Ecr } from "../clients/ecr.ts";
import { OciRepository } from "../clients/oci-registry.ts";
import { registryHost } from "../clients/reference.ts";
import type { RemoteImage } from "../clients/repository.ts";
import { UserError } from "../errors.ts";
import { say } from "../output.ts";
import { commandFor } from "../plan/build-command.ts";
import type { Image } from "../plan/image.ts";
import { requireLambdaImage } from "./image-form.ts";
import { nameInRegistry } from "./places.ts";
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
 * @throws UserError (exit 1) for an image that has not been pushed, and what Lambda does not take
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
        const where = repository ? "" : `: there is no such repository in ${await ecr.region()}`;
        throw new UserError(`${repository?.uri ?? image.repository}:${tag} has not been pushed${where}`, {
          reason: "check",
          hint: `Push it first: ${commandFor(image, "push")}${repository ? "" : "\nOr choose the region that has it: AWS_REGION"}`,
        });
      }
      requireLambdaImage(`${repository.uri}:${tag}`, found);
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

interface Looked {
  readonly image: RemoteImage | undefined;
  readonly architecture: string | undefined;
}

/** What the registry tells of an image; undefined where it cannot be asked: Lambda may still be able to read it. */
async function look(
  { remote, digest }: Published,
  { ecr, signal }: { readonly ecr: Pick<Ecr, "findLogin">; readonly signal: AbortSignal },
): Promise<Looked | undefined> {
  const [repository = ""] = remote.split("@");
  const host = registryHost(repository);
  if (!host) return undefined;
  const at = { host, name: nameInRegistry(repository), insecure: false };
  try {
    const registry = new OciRepository(at, await ecr.findLogin(), { signal });
    const image = await registry.findImage(digest);
    return { image, architecture: image && (await registry.findArchitecture(digest)) };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof UserError)) throw error;
    say(`note: ${remote} was not looked at before the deployment: ${error.message}`);
    return undefined;
  }
}

/**
 * Refuses, before anything is changed, a reference that names no image, or one that the function cannot have.
 * @param ecr of the registry that the reference names
 * @throws UserError (exit 1) for an image that is not there, of another architecture, too large, or no single image
 */
export async function checkNamed(
  image: Published,
  options: { readonly ecr: Pick<Ecr, "findLogin">; readonly signal: AbortSignal },
): Promise<void> {
  const { remote, arch } = image;
  const found = await look(image, options);
  if (!found) return;
  if (!found.image) {
    throw new UserError(`${remote} is not in the registry`, {
      reason: "check",
      hint: `Push it first: ${commandFor(image, "push")}`,
    });
  }
  requireLambdaImage(remote, found.image);
  const { architecture } = found;
  if (!architecture || architecture === arch) return;
  throw new UserError(`${remote} is for ${architecture}, and the function is to be ${arch}`, {
    reason: "check",
    hint: `Deploy it as such, --arch ${architecture}, or push the other one: ${commandFor(image, "push")}`,
  });
}

/** Packed bytes of an image by its reference; undefined when the registry does not have it. */
export async function imageSize(reference: string, ecr: Ecr): Promise<number | undefined> {
  const [name = "", digest = ""] = reference.split("@");
  const repository = await findRepository(name, ecr);
  return repository && ecr.findSize(repository, digest);
}
