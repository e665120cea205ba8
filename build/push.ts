import { LAMBDA_EXPORT, toBakeFile } from "./bake.ts";
import { runBake } from "./buildx.ts";
import { permissionFault } from "./clients/aws-faults.ts";
import type { Ecr } from "./clients/ecr.ts";
import type { Repository } from "./clients/ecr-repository.ts";
import { withRegistryAuth } from "./clients/registry-auth.ts";
import { UserError } from "./errors.ts";
import { say } from "./output.ts";
import type { Image } from "./plan.ts";
import { TOOL_ROOT } from "./project.ts";
import { type BuildOptions, type Built, withDigests } from "./store.ts";

/** An image that a registry holds under its tag. */
export interface Pushed extends Built {
  /** `<registry>/<repository>@sha256:…`: what Lambda takes. */
  readonly remote: string;
  readonly tag: string;
  /** False when the registry had it under this tag already. */
  readonly sent: boolean;
}

/** By the name that the plan gives them. */
export type Repositories = ReadonlyMap<string, Repository>;

/** Media types of one image, as Lambda takes it; it refuses an index of several. */
const SINGLE = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

/** The tag an image has in a registry. */
export const pushTag = ({ version, name }: Image): string => `${version}-${name}`;

/**
 * Finds or creates the repositories and asks for all that a push needs, before anything is built or sent.
 * @throws UserError (exit 3) that says which credential or permission is lacking.
 */
export async function openRepositories(names: readonly string[], ecr: Ecr): Promise<Repositories> {
  await ecr.fetchToken();
  const opened = new Map<string, Repository>();
  for (const name of names) {
    const found = await ecr.findRepository(name);
    const repository = found ?? (await ecr.createRepository(name));
    if (!found) say(`created repository ${repository.uri} in account ${repository.account}`);
    await ecr.checkUpload(repository);
    opened.set(name, repository);
  }
  return opened;
}

/** Builds into BuildKit's cache alone: the digests are those of every other exporter, and nothing is moved. */
export async function buildToCache(images: readonly Image[], options: BuildOptions): Promise<Built[]> {
  const output = () => `type=image,push=false,store=false,${LAMBDA_EXPORT}`;
  return withDigests(
    images,
    await runBake(toBakeFile(images, { root: TOOL_ROOT, output, secrets: options.secrets }), options),
  );
}

export interface PushOptions extends BuildOptions {
  readonly ecr: Ecr;
  readonly repositories: Repositories;
}

const repositoryOf = (image: Image, repositories: Repositories) =>
  repositories.get(image.repository) as Repository;

/** Whether the registry has the image under its tag; a tag that is another image's and cannot be moved is an error. */
async function isThere(image: Built, { ecr, repositories }: PushOptions): Promise<boolean> {
  const [repository, tag] = [repositoryOf(image, repositories), pushTag(image)];
  const found = await ecr.findTag(repository, tag);
  if (found?.digest === image.digest) return true;
  if (!found || !repository.isImmutable(tag)) return false;
  throw new UserError(
    `${repository.uri}:${tag} is another image, ${found.digest}, and its tags are immutable`,
    {
      reason: "check",
      hint: "Push under another version: --image-version, or `version` in mkimage.json.",
    },
  );
}

/** Sends images straight from BuildKit's cache, all in one bake, with a token fetched for it. */
async function send(images: readonly Built[], options: PushOptions): Promise<void> {
  const { ecr, repositories, signal, secrets } = options;
  const file = toBakeFile(images, {
    root: TOOL_ROOT,
    tag: (image) => `${repositoryOf(image, repositories).uri}:${pushTag(image)}`,
    output: (image) => {
      const insecure = repositoryOf(image, repositories).insecure ? ",registry.insecure=true" : "";
      return `type=image,push=true,store=false,${LAMBDA_EXPORT}${insecure}`;
    },
    secrets,
  });
  const { host } = repositoryOf(images[0] as Built, repositories);
  say(`pushing ${images.map(({ name }) => name).join(", ")} to ${host}`);
  const auth = { host, token: await ecr.fetchToken() };
  const sent = await withRegistryAuth(auth, signal, (env) => runBake(file, { ...options, env })).catch(
    (error: Error) => {
      // A base's registry may deny as well: then it is not ECR that is named.
      const ours = error.message.includes(host) ? error.message : "";
      throw permissionFault(ours, { action: "ecr:PutImage" }, error) ?? error;
    },
  );
  for (const [index, image] of withDigests(images, sent).entries()) {
    const { digest, configDigest, reference } = images[index] as Built;
    if (image.digest === digest && image.configDigest === configDigest) continue;
    throw new UserError(
      `${reference} changed between its test and the push: ${configDigest}, then ${image.configDigest}`,
      {
        reason: "check",
        hint: "Do not change the project during a push, and run the command again.",
      },
    );
  }
}

/** @throws UserError (exit 1) when the tag is not this image, or not in a form that Lambda takes. */
async function checkArrived(image: Built, { ecr, repositories }: PushOptions): Promise<void> {
  const repository = repositoryOf(image, repositories);
  const there = await ecr.findTag(repository, pushTag(image));
  const at = `${repository.uri}:${pushTag(image)}`;
  if (there?.digest !== image.digest) {
    throw new UserError(`${at} is ${there?.digest ?? "not there"} after the push of ${image.digest}`, {
      reason: "check",
    });
  }
  if (there.mediaType && !SINGLE.includes(there.mediaType)) {
    throw new UserError(`${at} is of type ${there.mediaType}, which Lambda refuses`, { reason: "check" });
  }
}

/**
 * Pushes images that passed their test; what the registry has already is not sent again.
 * @throws UserError (exit 3) for lacking credentials or permission, (exit 1) when what arrived is not what was tested.
 */
export async function pushImages(built: readonly Built[], options: PushOptions): Promise<Pushed[]> {
  const there = await Promise.all(built.map((image) => isThere(image, options)));
  const missing = built.filter((_, index) => !there[index]);
  if (missing.length > 0) await send(missing, options);
  for (const image of built) await checkArrived(image, options);
  return built.map((image, index) => ({
    ...image,
    remote: `${repositoryOf(image, options.repositories).uri}@${image.digest}`,
    tag: pushTag(image),
    sent: !there[index],
  }));
}
