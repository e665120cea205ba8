import { OciRepository } from "../clients/oci-registry.ts";
import type { Image } from "../plan/image.ts";
import { type Attached, findAttached } from "./attach.ts";
import type { Destination } from "./destinations.ts";
import { findRepository } from "./repositories.ts";

/** An image in a registry. */
export interface Held {
  /** `<registry>/<repository>@sha256:…` */
  readonly reference: string;
  readonly attestations: Attached;
}

interface HeldOptions {
  readonly destinations: readonly Pick<Destination, "registry">[];
  readonly signal: AbortSignal;
}

/**
 * Where an image is, by its digest and whatever its tag, with what refers to it. Nothing is changed.
 * @throws UserError (exit 3) when a registry cannot be asked
 */
export async function findHeld(
  { repository: name }: Pick<Image, "repository">,
  digest: string,
  { destinations, signal }: HeldOptions,
): Promise<Held[]> {
  const found: Held[] = [];
  for (const { registry } of destinations) {
    const repository = await findRepository(name, registry);
    if (!repository) continue;
    const at = new OciRepository(repository, await registry.findLogin(), { signal });
    if (!(await at.findManifest(digest))) continue;
    found.push({
      reference: `${repository.uri}@${digest}`,
      attestations: await findAttached(at, digest),
    });
  }
  return found;
}
