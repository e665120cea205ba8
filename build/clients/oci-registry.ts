import { createHash } from "node:crypto";
import pRetry from "p-retry";
import { UserError } from "../errors.ts";
import { type Repository, speaksHttp } from "./ecr-repository.ts";
import { HttpError, isPassing, networkFault, waitAsAsked } from "./http.ts";

/** A content of a registry: https://github.com/opencontainers/image-spec/blob/main/descriptor.md */
export interface ContentDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const OCI_INDEX = "application/vnd.oci.image.index.v1+json";
const ACCEPTED = `${OCI_MANIFEST}, ${OCI_INDEX}, application/vnd.docker.distribution.manifest.v2+json`;

/** Milliseconds that one answer may take. */
const ANSWER_TIME = 60_000;

interface Call {
  readonly method?: string;
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly type?: string;
  /** Statuses that are an answer like a success. */
  readonly also?: readonly number[];
}

const sha256Of = (content: Uint8Array): string =>
  `sha256:${createHash("sha256").update(content).digest("hex")}`;

/** The tag under which a registry without the referrers API lists what refers to an image (distribution specification). */
const fallbackTag = (digest: string): string => digest.replace(":", "-");

/** A `WWW-Authenticate: Bearer realm="…",service="…",scope="…"` as the URL to ask for a token; undefined for another scheme. */
function tokenUrl(challenge: string): URL | undefined {
  if (!/^bearer /i.test(challenge)) return undefined;
  // `realm=`, its value, `,service=`, its value, and so on.
  const parts = challenge.slice("Bearer ".length).split('"');
  const fields = Object.fromEntries(
    parts.flatMap((part, at) => (at % 2 === 0 ? [[part.replace(/[\s,=]/g, ""), parts[at + 1] ?? ""]] : [])),
  );
  const url = URL.parse(fields["realm"] ?? "");
  if (!url) return undefined;
  for (const name of ["service", "scope"]) if (fields[name]) url.searchParams.set(name, fields[name]);
  return url;
}

interface OciOptions {
  readonly signal: AbortSignal;
  /** Milliseconds before what failed in passing is tried again for the first time; each wait after it is twice as long. */
  readonly wait?: number;
}

/**
 * A repository by the API of the distribution specification, for what buildx does not do: artifacts that refer to an image.
 * Passing faults are tried again. Every method throws a UserError (exit 3) that says what the registry refused.
 */
export class OciRepository {
  readonly #base: URL;
  readonly #host: string;
  readonly #basic: string | undefined;
  readonly #signal: AbortSignal;
  readonly #wait: number;
  #authorization: string | undefined;

  /** @param token `user:password` in base64; none for a registry that asks for no login */
  constructor(repository: Repository, token: string | undefined, { signal, wait = 300 }: OciOptions) {
    const { host, name } = repository;
    this.#base = new URL(`${speaksHttp(repository) ? "http" : "https"}://${host}/v2/${name}/`);
    this.#host = host;
    this.#basic = token ? `Basic ${token}` : undefined;
    this.#authorization = this.#basic;
    this.#signal = signal;
    this.#wait = wait;
  }

  async #send(url: URL, { method = "GET", body, type }: Call): Promise<Response> {
    // What an upload is redirected to may be a store of its own, which is not to see the token.
    const isOurs = url.host === this.#base.host;
    return fetch(url, {
      method,
      headers: {
        accept: ACCEPTED,
        ...(type && { "content-type": type }),
        ...(isOurs && this.#authorization && { authorization: this.#authorization }),
      },
      ...(body && { body }),
      signal: AbortSignal.any([this.#signal, AbortSignal.timeout(ANSWER_TIME)]),
    });
  }

  /** Asks for a token where the registry wants one; whether there is something new to try. */
  async #logIn(response: Response): Promise<boolean> {
    const url = tokenUrl(response.headers.get("www-authenticate") ?? "");
    if (!url || !(url.protocol === "https:" || this.#base.protocol === "http:")) return false;
    const answer = await fetch(url, {
      headers: this.#basic ? { authorization: this.#basic } : {},
      signal: AbortSignal.any([this.#signal, AbortSignal.timeout(ANSWER_TIME)]),
    });
    if (!answer.ok) throw new HttpError(answer);
    const { token, access_token } = (await answer.json()) as { token?: string; access_token?: string };
    this.#authorization = `Bearer ${token ?? access_token ?? ""}`;
    return true;
  }

  async #attempt(url: URL, call: Call): Promise<Response> {
    let response = await this.#send(url, call);
    if (response.status === 401 && (await this.#logIn(response))) response = await this.#send(url, call);
    if (response.ok || call.also?.includes(response.status)) return response;
    throw new HttpError(response);
  }

  /** Tries again what failed in passing. */
  async #retry<T>(doing: string, attempt: () => Promise<T>): Promise<T> {
    try {
      return await pRetry(
        () =>
          // p-retry does not try again after a TypeError, which is what fetch throws.
          attempt().catch((cause: Error) =>
            Promise.reject(cause instanceof TypeError ? new Error(cause.message, { cause }) : cause),
          ),
        {
          retries: 4,
          minTimeout: this.#wait,
          randomize: true,
          signal: this.#signal,
          shouldRetry: ({ error }) => isPassing(error),
          onFailedAttempt: ({ error, retriesLeft }) =>
            retriesLeft > 0 ? waitAsAsked(error, this.#signal) : undefined,
        },
      );
    } catch (error) {
      this.#signal.throwIfAborted();
      throw error instanceof HttpError
        ? this.#refusal(doing, error)
        : networkFault(error, `${doing} ${this.#host}`);
    }
  }

  #refusal(doing: string, error: HttpError): UserError {
    const isDenied = error.status === 401 || error.status === 403;
    return new UserError(`Cannot ${doing} ${this.#host}: it answers ${error.status}`, {
      hint: isDenied
        ? "Check that these credentials may read from the repository and push to it."
        : "Run the command again: what has arrived is not sent again.",
      reason: "environment",
      cause: error,
    });
  }

  #call(doing: string, path: string, call: Call = {}): Promise<Response> {
    return this.#retry(doing, () => this.#attempt(new URL(path, this.#base), call));
  }

  /** Sends a content that the repository does not have yet. */
  async uploadBlob(content: Uint8Array<ArrayBuffer>): Promise<string> {
    const digest = sha256Of(content);
    // From the beginning each time: an upload that was cut cannot be counted on.
    await this.#retry("send a content to", async () => {
      const head = new URL(`blobs/${digest}`, this.#base);
      if ((await this.#attempt(head, { method: "HEAD", also: [404] })).ok) return;
      const started = await this.#attempt(new URL("blobs/uploads/", this.#base), { method: "POST" });
      const url = new URL(started.headers.get("location") ?? "", this.#base);
      url.searchParams.set("digest", digest);
      await this.#attempt(url, { method: "PUT", body: content, type: "application/octet-stream" });
    });
    return digest;
  }

  /** What a digest or a tag names, as a descriptor; undefined where there is nothing. */
  async findManifest(reference: string): Promise<ContentDescriptor | undefined> {
    const found = await this.#call("look up an image of", `manifests/${reference}`, { also: [404] });
    if (!found.ok) return undefined;
    const content = new Uint8Array(await found.arrayBuffer());
    return {
      mediaType: found.headers.get("content-type") ?? OCI_MANIFEST,
      digest: sha256Of(content),
      size: content.length,
    };
  }

  /** The artifacts that refer to an image, by the referrers API or by the tag that stands in for it. */
  async listReferrers(digest: string): Promise<ContentDescriptor[]> {
    const doing = "list what refers to an image of";
    // 400, 405 and 501 are what registries that do not know the path answer.
    const byApi = await this.#call(doing, `referrers/${digest}`, { also: [400, 404, 405, 501] });
    const found = byApi.ok
      ? byApi
      : await this.#call(doing, `manifests/${fallbackTag(digest)}`, { also: [404] });
    if (!found.ok) return [];
    const { manifests = [] } = (await found.json()) as { manifests?: ContentDescriptor[] };
    return manifests;
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
