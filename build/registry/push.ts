import pRetry from "p-retry";
import { LAMBDA_EXPORT, toBakeFile } from "../bake/bake.ts";
import { type BuildOptions, type Packed, withDigests } from "../builder/built.ts";
import { runBuild } from "../builder/run-build.ts";
import { imageLabels } from "../clients/image-labels.ts";
import { type RegistryAuth, withRegistryAuth } from "../clients/registry-auth.ts";
import type { ImageRegistry, Repository } from "../clients/repository.ts";
import { screen } from "../display/screen.ts";
import { UserError } from "../errors.ts";
import { say } from "../output.ts";
import { cellName } from "../plan/cell-name.ts";
import type { Image } from "../plan/image.ts";
import type { Tested } from "../smoke/tested-records.ts";
import { TOOL_ROOT } from "../tool-root.ts";
import { requireContainerImage, requireLambdaImage } from "./image-form.ts";
import type { Repositories } from "./repositories.ts";

/** A tested image that a registry holds under its tag. */
export interface Pushed extends Tested {
  /** `<registry>/<repository>@sha256:…`: what Lambda takes. */
  readonly remote: string;
  readonly tag: string;
  /** False when the registry had it under this tag already. */
  readonly sent: boolean;
  /** Bytes of its layers as they are packed, by the registry. */
  readonly packed: number | undefined;
  /** Digests of the artifacts that refer to it, where they were asked for. */
  readonly attestations?: Readonly<Partial<Record<"sbom" | "provenance", string>>>;
}

/** The tag an image has in a registry. */
export const pushTag = ({ version, name }: Image): string => `${version}-${name}`;

export interface PushOptions extends BuildOptions {
  readonly registry: ImageRegistry;
  readonly repositories: Repositories;
  /** Milliseconds before a registry that has been asked too often is asked again for the first time. */
  readonly wait?: number;
}

type Held = Pick<PushOptions, "registry" | "repositories">;

export const repositoryOf = (image: Image, repositories: Repositories) =>
  repositories.get(image.repository) as Repository;

/** What a registry has under an image's tag. */
interface Found {
  readonly isSent: boolean;
  /** Digest of the other image that the tag names, which the push would move. */
  readonly moved?: string;
}

async function findImage(image: Packed, { registry, repositories }: Held): Promise<Found> {
  const [repository, tag] = [repositories.get(image.repository), pushTag(image)];
  const found = repository && (await registry.findTag(repository, tag));
  if (!found || found.digest === image.digest) return { isSent: found !== undefined };
  requireContainerImage(`${repository.uri}:${tag}`, found);
  if (!repository.isImmutable(tag)) return { isSent: false, moved: found.digest };
  throw new UserError(`${repository.uri}:${tag} is another image, ${found.digest}, and cannot be moved`, {
    reason: "check",
    hint: `${repository.tagRule} Push as another version: --image-version, or \`version\` in mkimage.json.`,
  });
}

/**
 * For each image, what the registry has under its tag; it has nothing of a repository that does not exist.
 * @throws UserError (exit 1) for a tag that is another image's and cannot be moved
 */
export function findSent(built: readonly Packed[], held: Held): Promise<Found[]> {
  return Promise.all(built.map((image) => findImage(image, held)));
}

const PROJECT = "mkimage.project";

/**
 * Sees that no tag is taken from another project's image.
 * @throws UserError (exit 1) with the names of both
 */
async function refuseOthers(
  images: readonly Packed[],
  found: readonly Found[],
  { registry, repositories, signal }: PushOptions,
): Promise<void> {
  for (const [index, image] of images.entries()) {
    const moved = found[index]?.moved;
    if (moved === undefined) continue;
    const { uri, host } = repositoryOf(image, repositories);
    const auth = await authOf(host, registry);
    const labels = await imageLabels(`${uri}@${moved}`, auth, signal);
    const [theirs, ours] = [labels?.[PROJECT], image.labels[PROJECT]];
    if (theirs === undefined || theirs === ours) continue;
    throw new UserError(
      `${uri}:${pushTag(image)} is an image of project "${theirs}", and this is "${ours}"`,
      {
        reason: "check",
        hint: "Push to a repository of this project, or as another version: `repository` or `version` in mkimage.json, --image-version.",
      },
    );
  }
}

/** What Docker is given for a registry; undefined where it has a login of its own. */
async function authOf(host: string, registry: ImageRegistry): Promise<RegistryAuth | undefined> {
  const token = await registry.fetchToken();
  return token === undefined ? undefined : { host, token };
}

/** Whether a push failed because this registry has been asked too often. */
const isThrottled = ({ message }: Error, host: string): boolean =>
  message.includes(host) && /toomanyrequests|\b429\b/i.test(message);

/** Pushes once more, after longer and longer waits, while a registry says that it has been asked too often. */
const untilLetIn = <T>(push: () => Promise<T>, host: string, { signal, wait = 5000 }: PushOptions) =>
  pRetry(push, {
    retries: 4,
    minTimeout: wait,
    randomize: true,
    signal,
    shouldRetry: ({ error }) => isThrottled(error, host),
    // Called before `shouldRetry`, for every error.
    onFailedAttempt: ({ error, retriesLeft }) => {
      if (retriesLeft > 0 && isThrottled(error, host))
        say(`${host} allows no more requests for now: waiting`);
    },
  });

/** Sends images straight from BuildKit's cache, all in one bake, with a token fetched for it. */
async function send(images: readonly Packed[], options: PushOptions): Promise<void> {
  const { registry, repositories, signal, secrets } = options;
  const file = toBakeFile(images, {
    root: TOOL_ROOT,
    tag: (image) => `${repositoryOf(image, repositories).uri}:${pushTag(image)}`,
    output: (image) => {
      const insecure = repositoryOf(image, repositories).insecure ? ",registry.insecure=true" : "";
      return `type=image,push=true,store=false,${LAMBDA_EXPORT}${insecure}`;
    },
    secrets,
  });
  const { host } = repositoryOf(images[0] as Packed, repositories);
  const auth = await authOf(host, registry);
  const push = () => withRegistryAuth(auth, signal, (env) => runBuild(file, images, { ...options, env }));
  const sent = await untilLetIn(push, host, options).catch(async (error: Error) => {
    // A base's registry may deny as well: then it is not this one that is named.
    const ours = error.message.includes(host) ? error.message : "";
    // Another push was first, maybe of the same images; `findSent` refuses a tag that is another image's by now.
    if (/immutable/i.test(ours) && (await findSent(images, options)).every(({ isSent }) => isSent)) return;
    throw registry.pushFault(ours, error) ?? error;
  });
  if (!sent) return;
  for (const [index, image] of withDigests(images, sent).entries()) {
    const { digest, configDigest, reference } = images[index] as Packed;
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

/** @returns its size in the registry. @throws UserError (exit 1) when the tag is not this image, or not in a form that Lambda takes. */
async function checkArrived(image: Packed, { registry, repositories }: Held): Promise<number | undefined> {
  const repository = repositoryOf(image, repositories);
  const there = await registry.findTag(repository, pushTag(image));
  const at = `${repository.uri}:${pushTag(image)}`;
  if (there?.digest !== image.digest) {
    throw new UserError(`${at} is ${there?.digest ?? "not there"} after the push of ${image.digest}`, {
      reason: "check",
    });
  }
  requireLambdaImage(at, there);
  return there.size;
}

/**
 * Pushes images; what the registry has already is not sent again.
 * @throws UserError (exit 3) for lacking credentials or permission, (exit 1) for a tag of another project's image, and when
 * what arrived is not what was tested.
 */
export async function pushImages(tested: readonly Tested[], options: PushOptions): Promise<Pushed[]> {
  screen.phase("push");
  const found = await findSent(tested, options);
  await refuseOthers(tested, found, options);
  const missing = tested.filter((_, index) => !found[index]?.isSent);
  if (missing.length > 0) await send(missing, options);
  const packed: (number | undefined)[] = [];
  for (const [index, image] of tested.entries()) {
    packed.push(await checkArrived(image, options));
    const row = screen.row("cells", cellName(image, tested));
    if (found[index]?.isSent) row.cached("already there");
    else row.done("pushed");
  }
  return tested.map((image, index) => ({
    ...image,
    remote: `${repositoryOf(image, options.repositories).uri}@${image.digest}`,
    tag: pushTag(image),
    sent: !found[index]?.isSent,
    packed: packed[index],
  }));
}
