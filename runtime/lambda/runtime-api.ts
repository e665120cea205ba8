import type { Answer, Send } from "./connection.ts";
import { headerType, toFailure } from "./error-payload.ts";

const API = "/2018-06-01/runtime";

export interface Invocation {
  readonly requestId: string;
  /** Deadline of the invocation in milliseconds since 1970; Infinity if there is none. */
  readonly deadlineMs: number;
  readonly functionArn: string;
  /** X-Ray tracing header. */
  readonly traceId: string | undefined;
  /** From the mobile SDK, parsed JSON; undefined otherwise. */
  readonly clientContext: unknown;
  /** Amazon Cognito identity, parsed JSON; undefined otherwise. */
  readonly identity: unknown;
  readonly body: string;
}

export class RuntimeApiError extends Error {
  override readonly name = "Runtime.ApiError";
  /** Status 500: the environment is lost, the process must end. */
  readonly fatal: boolean;
  /** Status 413: the answer is too large; Lambda has already reported this to the caller. */
  readonly tooLarge: boolean;

  constructor(call: string, { status, body }: Answer) {
    const why = status === 413 ? "more than Lambda's limit of 6 MB" : body.slice(0, 500);
    super(`the Runtime API answered ${call} with ${status}: ${why}`);
    this.fatal = status === 500;
    this.tooLarge = status === 413;
  }
}

/** The calls of https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html */
export interface RuntimeApi {
  /** Waits for the next event, without a timeout. */
  next(signal?: AbortSignal): Promise<Invocation>;
  respond(requestId: string, json: string): Promise<void>;
  /** Sends a result in pieces; an error on the way is reported in trailers. */
  respondStream(
    requestId: string,
    pieces: AsyncIterable<string | Uint8Array>,
    contentType: string,
  ): Promise<void>;
  fail(requestId: string, thrown: unknown): Promise<void>;
  /** Reports that the program cannot start; the process must exit afterwards. */
  failInit(thrown: unknown): Promise<void>;
  /**
   * With SnapStart, the last step of init: the snapshot is taken during this call, which returns in the restored
   * copy.
   */
  awaitRestore(): Promise<void>;
  /** Reports that the program cannot continue after a restore; the process must exit afterwards. */
  failRestore(thrown: unknown): Promise<void>;
}

/** The Runtime API over `send`. Every call rejects if it was not accepted. */
export function runtimeApi(send: Send): RuntimeApi {
  async function post(path: string, body: string, headers: Record<string, string> = {}): Promise<void> {
    const answer = await send({
      method: "POST",
      path: `${API}/${path}`,
      headers: { "Content-Type": "application/json", ...headers },
      body,
    });
    if (answer.status !== 202) throw new RuntimeApiError(path, answer);
  }
  function postFailure(path: string, thrown: unknown): Promise<void> {
    const failure = toFailure(thrown);
    return post(path, JSON.stringify(failure), { "Lambda-Runtime-Function-Error-Type": headerType(failure) });
  }
  return {
    async next(signal) {
      const answer = await send({ method: "GET", path: `${API}/invocation/next`, signal });
      if (answer.status !== 200) throw new RuntimeApiError("invocation/next", answer);
      return toInvocation(answer);
    },
    respond: (requestId, json) => post(`invocation/${requestId}/response`, json),
    async respondStream(requestId, pieces, contentType) {
      const path = `invocation/${requestId}/response`;
      const answer = await send({
        method: "POST",
        path: `${API}/${path}`,
        headers: {
          "Content-Type": contentType,
          "Lambda-Runtime-Function-Response-Mode": "streaming",
          Trailer: "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
        },
        body: pieces,
        trailersOf: toTrailers,
      });
      if (answer.status !== 202) throw new RuntimeApiError(path, answer);
    },
    fail: (requestId, thrown) => postFailure(`invocation/${requestId}/error`, thrown),
    failInit: (thrown) => postFailure("init/error", thrown),
    async awaitRestore() {
      const answer = await send({ method: "GET", path: `${API}/restore/next` });
      if (answer.status !== 200) throw new RuntimeApiError("restore/next", answer);
      send.renew?.();
    },
    failRestore: (thrown) => postFailure("restore/error", thrown),
  };
}

function toTrailers(error: unknown): Record<string, string> {
  const failure = toFailure(error);
  return {
    "Lambda-Runtime-Function-Error-Type": headerType(failure),
    "Lambda-Runtime-Function-Error-Body": Buffer.from(JSON.stringify(failure)).toString("base64"),
  };
}

function toInvocation(answer: Answer): Invocation {
  const header = (name: string) => {
    const value = answer.headers[`lambda-runtime-${name}`];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const requestId = header("aws-request-id");
  if (requestId === undefined) throw new RuntimeApiError("invocation/next (no request id)", answer);
  return {
    requestId,
    deadlineMs: Number(header("deadline-ms") ?? Infinity),
    functionArn: header("invoked-function-arn") ?? "",
    traceId: header("trace-id"),
    clientContext: parsed(header("client-context")),
    identity: parsed(header("cognito-identity")),
    body: answer.body,
  };
}

/** JSON in a header: sent as UTF-8, while Node decodes headers as Latin-1. */
function parsed(json: string | undefined): unknown {
  if (json === undefined) return undefined;
  try {
    return JSON.parse(Buffer.from(json, "latin1").toString());
  } catch {
    return undefined;
  }
}
