import { createHash } from "node:crypto";
import { z } from "zod";
import type { RegistryLogin } from "./registry-auth.ts";
import {
  type Answer,
  type Call,
  OddAnswer,
  RegistryClient,
  type RegistryOptions,
  requestUrl,
} from "./registry-client.ts";
import type { RemoteImage, RepositoryPlace } from "./repository.ts";

/** A content of a registry: https://github.com/opencontainers/image-spec/blob/main/descriptor.md */
export interface ContentDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  readonly artifactType?: string | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

const optional = <S extends z.ZodType>(schema: S) =>
  schema.nullish().transform((value) => value ?? undefined);

const descriptorSchema = z.looseObject({
  mediaType: z.string(),
  digest: z.string(),
  size: z.number(),
  artifactType: optional(z.string()),
  annotations: optional(z.record(z.string(), z.string())),
});

/** What a manifest of any kind may have: that of an index has neither. */
const manifestSchema = z.looseObject({
  config: descriptorSchema.nullish(),
  layers: z.array(z.looseObject({ size: z.number() })).nullish(),
});
const listSchema = z.looseObject({ manifests: z.array(descriptorSchema).nullish() });
const configSchema = z.looseObject({ architecture: z.string().optional() });

/** Bytes: a configuration has some kilobytes. */
const LARGEST_CONFIG = 4 * 1024 ** 2;

export const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const OCI_INDEX = "application/vnd.oci.image.index.v1+json";
const ACCEPTED = `${OCI_MANIFEST}, ${OCI_INDEX}, application/vnd.docker.distribution.manifest.v2+json`;

/** What is done where only something is read. */
const LOOK_UP = "look up an image of";

const sha256Of = (content: Uint8Array): string =>
  `sha256:${createHash("sha256").update(content).digest("hex")}`;

/** The tag under which a registry without the referrers API lists what refers to an image (distribution specification). */
const fallbackTag = (digest: string): string => digest.replace(":", "-");

/**
 * A repository by the API of the distribution specification, for what buildx does not do: artifacts that refer to an image.
 * Every method throws a UserError (exit 3) that says what the registry refused.
 */
export class OciRepository {
  readonly #client: RegistryClient;

  constructor(repository: RepositoryPlace, login: RegistryLogin | undefined, options: RegistryOptions) {
    this.#client = new RegistryClient(repository, login, options);
  }

  #call(doing: string, path: string, call: Call = {}): Promise<Answer> {
    return this.#client.call(doing, path, { accept: ACCEPTED, ...call });
  }

  /** Sends a content that the repository does not have yet. */
  async uploadBlob(content: Uint8Array<ArrayBuffer>): Promise<string> {
    const digest = sha256Of(content);
    // From the beginning each time: an upload that was cut cannot be counted on.
    const { base } = this.#client;
    await this.#client.retry("send a content to", async () => {
      const head = new URL(`blobs/${digest}`, base);
      if ((await this.#client.attempt(head, { method: "HEAD", also: [404] })).ok) return;
      const started = await this.#client.attempt(new URL("blobs/uploads/", base), { method: "POST" });
      const url = requestUrl(started.headers.get("location") ?? "", base);
      if (!url) throw new OddAnswer(`${base.host} takes an upload and does not say where`);
      url.searchParams.set("digest", digest);
      await this.#client.attempt(url, { method: "PUT", body: content, type: "application/octet-stream" });
    });
    return digest;
  }

  /** Asks for an upload and takes it back: the registry has said then whether these credentials may push. */
  async checkUpload(): Promise<void> {
    const started = await this.#call("push to", "blobs/uploads/", { method: "POST" });
    const url = requestUrl(started.headers.get("location") ?? "", this.#client.base);
    // One that cannot be taken back ends by itself.
    if (url) await this.#client.attempt(url, { method: "DELETE" }).catch(() => {});
  }

  /** The image that a tag or a digest names, with the bytes of its layers; undefined where there is nothing. */
  async findImage(reference: string): Promise<RemoteImage | undefined> {
    const found = await this.#find(reference);
    if (!found) return undefined;
    const { layers, config } = this.#client.parse(LOOK_UP, found, manifestSchema);
    const { digest, mediaType } = found.descriptor;
    const size = layers?.reduce((sum, layer) => sum + layer.size, 0);
    return { digest, mediaType, artifactType: config?.mediaType, size };
  }

  /** The architecture of an image by its digest, as Go names it: `arm64`; undefined for what has none, such as an index. */
  async findArchitecture(digest: string): Promise<string | undefined> {
    const found = await this.#find(digest);
    const { config } = found ? this.#client.parse(LOOK_UP, found, manifestSchema) : {};
    if (!config || config.size > LARGEST_CONFIG) return undefined;
    const answer = await this.#call(LOOK_UP, `blobs/${config.digest}`);
    return this.#client.parse(LOOK_UP, answer, configSchema).architecture;
  }

  /** What a digest or a tag names, as a descriptor; undefined where there is nothing. */
  async findManifest(reference: string): Promise<ContentDescriptor | undefined> {
    return (await this.#find(reference))?.descriptor;
  }

  async #find(reference: string) {
    const found = await this.#call(LOOK_UP, `manifests/${reference}`, { also: [404] });
    if (!found.ok) return undefined;
    const { content } = found;
    if (reference.startsWith("sha256:") && sha256Of(content) !== reference)
      throw this.#client.fault(LOOK_UP, new OddAnswer(`it gives another content for ${reference}`));
    const mediaType = found.headers.get("content-type")?.split(";")[0] ?? OCI_MANIFEST;
    const descriptor: ContentDescriptor = { mediaType, digest: sha256Of(content), size: content.length };
    return { content, descriptor };
  }

  /** The artifacts that refer to an image, by the referrers API or by the tag that stands in for it. */
  async listReferrers(digest: string): Promise<ContentDescriptor[]> {
    const doing = "list what refers to an image of";
    // 400, 405 and 501 are what registries that do not know the path answer.
    const byApi = await this.#call(doing, `referrers/${digest}`, { also: [400, 404, 405, 501] });
    const found = byApi.ok
      ? byApi
      : await this.#call(doing, `manifests/${fallbackTag(digest)}`, { also: [404] });
    return found.ok ? (this.#client.parse(doing, found, listSchema).manifests ?? []) : [];
  }

  /**
   * Puts artifact manifests that refer to an image. A registry that does not list them itself gets the list under a tag, in
   * one write for all of them: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests-with-subject
   */
  async putReferrers(subject: string, manifests: readonly object[]): Promise<ContentDescriptor[]> {
    const added: ContentDescriptor[] = [];
    let isListed = true;
    for (const manifest of manifests) {
      const content = Buffer.from(JSON.stringify(manifest));
      const digest = sha256Of(content);
      const call = { method: "PUT", body: content, type: OCI_MANIFEST };
      const answer = await this.#call("send an artifact to", `manifests/${digest}`, call);
      isListed &&= answer.headers.has("oci-subject");
      const { artifactType, annotations } = manifest as Partial<ContentDescriptor>;
      added.push({
        mediaType: OCI_MANIFEST,
        digest,
        size: content.length,
        ...(artifactType && { artifactType }),
        ...(annotations && { annotations }),
      });
    }
    if (!isListed) await this.#list(subject, added);
    return added;
  }

  async #list(subject: string, added: readonly ContentDescriptor[]): Promise<void> {
    const others = (await this.listReferrers(subject)).filter(
      ({ digest }) => !added.some((each) => each.digest === digest),
    );
    const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [...others, ...added] };
    await this.#call("list an artifact in", `manifests/${fallbackTag(subject)}`, {
      method: "PUT",
      body: Buffer.from(JSON.stringify(index)),
      type: OCI_INDEX,
    });
  }
}
