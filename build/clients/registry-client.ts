import { buffer } from "node:stream/consumers";
import { z } from "zod";
import { UserError } from "../errors.ts";
import { upTo } from "../files/limits.ts";
import { networkFault, retryPassing, TRUST } from "./http.ts";
import type { RegistryLogin } from "./registry-auth.ts";
import { RegistryError, registryRefusal } from "./registry-errors.ts";
import { type RepositoryPlace, speaksHttp } from "./repository.ts";

/** Milliseconds that one answer may take. */
const ANSWER_TIME = 60_000;
/** Bytes that one answer may have: registries take manifests of 4 MiB, and lists are larger. */
const LARGEST_ANSWER = 16 * 1024 ** 2;

/** The host that answers for Docker Hub: https://docs.docker.com/reference/api/registry/latest/ */
const API_HOSTS: Readonly<Record<string, string>> = { "docker.io": "registry-1.docker.io" };

export interface Call {
  readonly method?: string;
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly type?: string;
  readonly accept?: string;
  /** Statuses that are an answer like a success. */
  readonly also?: readonly number[];
}

export interface RegistryOptions {
  readonly signal: AbortSignal;
  /** Milliseconds before what failed in passing is tried again for the first time; each wait after it is twice as long. */
  readonly wait?: number;
}

/** An answer that has been read to its end. */
export interface Answer {
  readonly ok: boolean;
  readonly headers: Headers;
  readonly content: Buffer<ArrayBuffer>;
}

interface Challenge {
  readonly realm: URL;
  readonly service: string | undefined;
  readonly scope: string | undefined;
}

/** An address that a server gives, as far as a request can be sent there. */
export function requestUrl(address: string, base?: URL): URL | undefined {
  const url = URL.parse(address, base?.href);
  return url && /^https?:$/.test(url.protocol) && !url.username && !url.password ? url : undefined;
}

/** What no registry answers: a web page, or half of what was asked for. */
export class OddAnswer extends Error {}

/** JSON as the schema describes it. @throws OddAnswer for anything else, of which nothing is told: it may be a secret */
function parseAnswer<S extends z.ZodType>(content: Buffer, schema: S, from: string): z.output<S> {
  try {
    return schema.parse(JSON.parse(content.toString()));
  } catch {
    throw new OddAnswer(`what ${from} answers is not that of a registry`);
  }
}

/** https://distribution.github.io/distribution/spec/auth/token/ */
const tokenSchema = z
  .object({ token: z.string().nullish(), access_token: z.string().nullish() })
  .transform(({ token, access_token }) => token || access_token)
  // What a header can hold.
  .pipe(z.string().regex(/^[\x21-\x7e]+$/));

/** A `WWW-Authenticate: Bearer realm="…",service="…",scope="…"`; undefined for another scheme. */
function bearerChallenge(header: string): Challenge | undefined {
  if (!/^bearer /i.test(header)) return undefined;
  // `realm=`, its value, `,service=`, its value, and so on.
  const parts = header.slice("Bearer ".length).split('"');
  const fields = Object.fromEntries(
    parts.flatMap((part, at) => (at % 2 === 0 ? [[part.replace(/[\s,=]/g, ""), parts[at + 1] ?? ""]] : [])),
  );
  const realm = requestUrl(fields["realm"] ?? "");
  return realm ? { realm, service: fields["service"], scope: fields["scope"] } : undefined;
}

/** What a connection says when the other side speaks plain HTTP. */
const NO_TLS = /wrong version number|packet length too long|EPROTO|SSL routines/i;

/**
 * Requests below `/v2/<repository>/` of a registry, with the login that it asks for. Passing faults are tried again; what
 * stays is a UserError (exit 3) that says what the registry refused.
 */
export class RegistryClient {
  readonly base: URL;
  readonly #repository: RepositoryPlace;
  readonly #login: RegistryLogin | undefined;
  readonly #signal: AbortSignal;
  readonly #wait: number;
  /** Nothing before the registry has asked for it. */
  #authorization: string | undefined;

  /** @param login none for a registry that asks for no login */
  constructor(
    repository: RepositoryPlace,
    login: RegistryLogin | undefined,
    { signal, wait = 300 }: RegistryOptions,
  ) {
    const { host, name } = repository;
    const scheme = speaksHttp(repository) ? "http" : "https";
    this.base = new URL(`${scheme}://${API_HOSTS[host] ?? host}/v2/${name}/`);
    this.#repository = repository;
    this.#login = login;
    this.#signal = signal;
    this.#wait = wait;
  }

  #limits(): AbortSignal {
    return AbortSignal.any([this.#signal, AbortSignal.timeout(ANSWER_TIME)]);
  }

  async #send(url: URL, { method = "GET", body, type, accept }: Call): Promise<Response> {
    // What an upload is redirected to may be a store of its own, which is not to see the token.
    const isOurs = url.host === this.base.host;
    return fetch(url, {
      method,
      headers: {
        ...(accept && { accept }),
        ...(type && { "content-type": type }),
        ...(isOurs && this.#authorization && { authorization: this.#authorization }),
      },
      ...(body && { body }),
      signal: this.#limits(),
    });
  }

  #read({ body, url }: Response): Promise<Buffer<ArrayBuffer>> {
    const what = `The answer of ${new URL(url).host}`;
    return buffer(upTo(body ?? empty(), { what, limit: LARGEST_ANSWER }));
  }

  /** A token by name and password, or by what stands in for the password: https://distribution.github.io/distribution/spec/auth/oauth/ */
  #askToken({ realm, service, scope }: Challenge): Promise<Response> {
    const { basic, refresh } = this.#login ?? {};
    const fields = new URLSearchParams({ ...(service && { service }), ...(scope && { scope }) });
    if (refresh) {
      const body = new URLSearchParams(fields);
      body.set("grant_type", "refresh_token");
      body.set("client_id", "mkimage");
      body.set("refresh_token", refresh);
      return fetch(realm, { method: "POST", body, signal: this.#limits() });
    }
    const url = new URL(realm);
    for (const [name, value] of fields) url.searchParams.set(name, value);
    const headers = basic ? { authorization: `Basic ${basic}` } : {};
    return fetch(url, { headers, signal: this.#limits() });
  }

  /** Logs in as the registry asks for it; whether there is something new to try. */
  async #logIn(response: Response): Promise<boolean> {
    const challenge = bearerChallenge(response.headers.get("www-authenticate") ?? "");
    if (!challenge) {
      const basic = this.#login?.basic && `Basic ${this.#login.basic}`;
      if (!basic || this.#authorization === basic) return false;
      this.#authorization = basic;
      return true;
    }
    if (challenge.realm.protocol !== "https:" && this.base.protocol !== "http:") return false;
    const answer = await this.#askToken(challenge);
    if (!answer.ok) throw await RegistryError.of(answer);
    const token = parseAnswer(await this.#read(answer), tokenSchema, challenge.realm.host);
    this.#authorization = `Bearer ${token}`;
    return true;
  }

  /** One request, once more after a login. */
  async attempt(url: URL, call: Call): Promise<Response> {
    let response = await this.#send(url, call);
    // Some refuse those who have not said who they are with 403.
    const wantsLogin = response.status === 401 || (response.status === 403 && !this.#authorization);
    if (wantsLogin && (await this.#logIn(response))) {
      await response.body?.cancel();
      response = await this.#send(url, call);
    }
    if (response.ok || call.also?.includes(response.status)) return response;
    throw await RegistryError.of(response);
  }

  /** Tries again what failed in passing. */
  async retry<T>(doing: string, attempt: () => Promise<T>): Promise<T> {
    try {
      return await retryPassing(attempt, {
        retries: 4,
        minTimeout: this.#wait,
        randomize: true,
        signal: this.#signal,
        isFinal: (error) => isTimeout(error) || NO_TLS.test(textOf(error)),
      });
    } catch (error) {
      this.#signal.throwIfAborted();
      throw this.fault(doing, error);
    }
  }

  /** An error of a request as people read it. */
  fault(doing: string, error: unknown): unknown {
    const { host } = this.#repository;
    if (error instanceof RegistryError)
      return registryRefusal(doing, error, { repository: this.#repository, login: this.#login });
    if (NO_TLS.test(textOf(error))) {
      return new UserError(`Cannot ${doing} ${host}: it does not speak TLS`, {
        hint: "Registries are asked by HTTPS, except for one on this machine (localhost, 127.0.0.1). Have the registry serve HTTPS.",
        reason: "environment",
        cause: error,
      });
    }
    if (error instanceof OddAnswer) {
      return new UserError(`Cannot ${doing} ${host}: ${error.message}`, {
        hint: "Check the registry's name and port: a web server or a proxy may answer in its place.",
        reason: "environment",
        cause: error,
      });
    }
    if (isTimeout(error)) {
      return new UserError(`Cannot ${doing} ${host}: no answer within ${ANSWER_TIME / 1000} s`, {
        hint: "Check the registry's name and port, and the network; then run the command again.",
        reason: "environment",
        cause: error,
      });
    }
    const fault = networkFault(error, `${doing} ${host}`);
    if (fault instanceof UserError && fault.hint === TRUST)
      fault.addHint(
        "The builder has to trust it as well: docs/network.md, “Registries with a certificate of your own”.",
      );
    return fault;
  }

  /** One request, tried again, with its answer read to the end. */
  call(doing: string, path: string, call: Call = {}): Promise<Answer> {
    return this.retry(doing, async () => {
      const response = await this.attempt(new URL(path, this.base), call);
      const { ok, headers } = response;
      return { ok, headers, content: await this.#read(response) };
    });
  }

  /** The JSON of an answer. @throws UserError (exit 3) for what is not of a registry */
  parse<S extends z.ZodType>(doing: string, { content }: Pick<Answer, "content">, schema: S): z.output<S> {
    try {
      return parseAnswer(content, schema, this.base.host);
    } catch (error) {
      throw this.fault(doing, error);
    }
  }
}

async function* empty(): AsyncGenerator<Uint8Array> {}

/** Whether a request has had its time: there is no use in another one. */
const isTimeout = (error: unknown): boolean => error instanceof Error && error.name === "TimeoutError";

/** The text of an error and of what it was made from. */
const textOf = (error: unknown): string =>
  error instanceof Error ? `${error.message}: ${textOf(error.cause)}` : String(error ?? "");
