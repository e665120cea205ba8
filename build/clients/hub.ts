import { COMMIT } from "../../models/spec.ts";
import { UserError } from "../errors.ts";
import { ANSWER_TIME, TEXT_LIMIT, upTo } from "../files/limits.ts";
import { HttpError, networkFault, type Opened, openUrl, retryPassing } from "./http.ts";
import type { HubAddress } from "./hub-address.ts";
import { hubRefusal } from "./hub-errors.ts";
import { type HubSettings, hubSettings } from "./hub-settings.ts";

/** What the hub says of a repository at a revision. */
export interface HubModel {
  readonly commit: string;
  readonly paths: readonly string[];
  /** The metadata block of the model card. */
  readonly card: Readonly<Record<string, unknown>>;
  /** The card's `pipeline_tag`, or what the hub has made out. */
  readonly task?: string | undefined;
}

const SHA256 = /^[0-9a-f]{64}$/;

export interface HubFile {
  readonly size: number;
  /** Only of files that the hub keeps as large ones. */
  readonly sha256: string | undefined;
  /** Id of the content in git: the sha1 of a small file, of a large one that of its pointer. */
  readonly oid: string;
}

/**
 * The Hugging Face hub, through its official library for what it knows of files and by plain HTTP for their content.
 * The token, or the login where there is none, goes to the endpoint and nowhere else. Every method throws a UserError: exit 2 for what does not exist, exit 3
 * for a lacking token, network or HF_HUB_OFFLINE.
 */
export class Hub {
  readonly #settings: HubSettings;
  readonly #signal: AbortSignal;

  constructor(settings: HubSettings, signal: AbortSignal) {
    this.#settings = settings;
    this.#signal = signal;
  }

  static async connect(signal: AbortSignal): Promise<Hub> {
    return new Hub(await hubSettings(), signal);
  }

  #authorization(url: string): Record<string, string> {
    const { endpoint, login, token } = this.#settings;
    if (new URL(url).origin !== new URL(endpoint).origin) return {};
    if (token) return { authorization: `Bearer ${token}` };
    return login ? { authorization: `Basic ${Buffer.from(login).toString("base64")}` } : {};
  }

  /** In place of `fetch` in the library, which takes only tokens that begin with `hf_` and drops the error code. */
  readonly #fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const url = input instanceof Request ? input.url : String(input);
    const headers = new Headers(init.headers);
    for (const [name, value] of Object.entries(this.#authorization(url))) headers.set(name, value);
    const response = await fetch(url, {
      ...init,
      headers,
      signal: AbortSignal.any([this.#signal, AbortSignal.timeout(ANSWER_TIME)]),
    });
    if (!response.ok) throw new HttpError(response);
    if (!response.body) return response;
    const what = `The answer of ${new URL(url).host}`;
    return new Response(ReadableStream.from(upTo(response.body, { what, limit: TEXT_LIMIT })), response);
  };

  /** @throws UserError (exit 3) when HF_HUB_OFFLINE forbids what has to be asked for. */
  requireOnline({ repo }: HubAddress): void {
    if (!this.#settings.offline) return;
    throw new UserError(`HF_HUB_OFFLINE is set, and hf:${repo} has to be asked for`, {
      hint: "Unset it once, so that the cache is filled; a locked model in the cache needs no network.",
      reason: "environment",
    });
  }

  /** A call of the hub, tried again when that may help. */
  async #call<T>(address: HubAddress, call: () => Promise<T>): Promise<T> {
    this.requireOnline(address);
    try {
      return await retryPassing(call, { retries: 3, signal: this.#signal });
    } catch (error) {
      this.#signal.throwIfAborted();
      if (error instanceof HttpError) throw hubRefusal(error, address, this.#settings);
      const { host } = new URL(this.#settings.endpoint);
      const fault = networkFault(error, `ask ${host} for hf:${address.repo}`);
      if (fault instanceof UserError) throw fault;
      // What the library then stumbles over is an answer that is none: a proxy's page, another service.
      throw new UserError(
        `${host} does not answer as the Hugging Face hub does: ${(error as Error).message}`,
        {
          hint: "Check HF_ENDPOINT, and whether a proxy or a login page of the network stands between.",
          reason: "environment",
          cause: error,
        },
      );
    }
  }

  /** The commit that a revision is now, the paths of its files and its model card's metadata. */
  findModel(address: HubAddress): Promise<HubModel> {
    return this.#call(address, async () => {
      const { modelInfo } = await import("@huggingface/hub");
      const { repo: name, revision } = address;
      const additionalFields: ("sha" | "cardData" | "filePaths")[] = ["sha", "cardData", "filePaths"];
      const found = await modelInfo({
        name,
        revision,
        additionalFields,
        hubUrl: this.#settings.endpoint,
        fetch: this.#fetch,
      });
      if (!COMMIT.test(found.sha)) throw new Error(`"${found.sha}" is not a commit`);
      return {
        commit: found.sha,
        paths: found.filePaths,
        card: (found.cardData ?? {}) as Record<string, unknown>,
        task: found.task,
      };
    });
  }

  /** Sizes and ids of files; a path that is not there is missing in the answer. */
  findFiles(address: HubAddress, paths: readonly string[]): Promise<Record<string, HubFile>> {
    return this.#call(address, async () => {
      const { pathsInfo } = await import("@huggingface/hub");
      const { repo, revision } = address;
      const found = await pathsInfo({
        repo,
        revision,
        paths: [...paths],
        hubUrl: this.#settings.endpoint,
        fetch: this.#fetch,
      });
      return Object.fromEntries(
        found
          .filter(({ type }) => type === "file")
          .map(({ path, size, lfs, oid }) => [
            path,
            {
              size: lfs?.size ?? size,
              sha256: SHA256.test(lfs?.oid ?? "") ? lfs?.oid : undefined,
              oid: oid ?? "",
            },
          ]),
      );
    });
  }

  /** A file's content from a position on; throws HttpError, so that a download may try again. */
  open(
    { repo, revision }: HubAddress,
    path: string,
    { offset, signal }: { offset: number; signal: AbortSignal },
  ): Promise<Opened> {
    const encoded = path.split("/").map(encodeURIComponent).join("/");
    const url = `${this.#settings.endpoint}/${repo}/resolve/${encodeURIComponent(revision)}/${encoded}`;
    return openUrl(url, offset, { headers: this.#authorization(url), signal });
  }

  /** An error of `open` as people read it. */
  explain(error: unknown, address: HubAddress, path: string): unknown {
    if (error instanceof HttpError) return hubRefusal(error, address, this.#settings);
    return networkFault(error, `fetch ${path} of hf:${address.repo}`);
  }

  get settings(): HubSettings {
    return this.#settings;
  }
}
