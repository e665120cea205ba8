import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { Program } from "./program.ts";

/** What came of one event. */
export interface Answer {
  /** HTTP status of a reply, or the type of an error; `ended` and `killed` for no answer. */
  readonly status: string;
  readonly milliseconds: number;
  /** The beginning of what was answered. */
  readonly text: string;
}

/** How long Lambda is patient here with who has passed the deadline, in milliseconds, before it kills him. */
const PATIENCE = 2500;

/** Bytes of an answer that Lambda takes. */
const MAX_ANSWER = 6 * 1024 * 1024 + 100;

/** The Runtime API: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html */
export class RuntimeApi {
  /** Calls of `next` that wait for an event. */
  readonly #waiting: ServerResponse[] = [];
  readonly #underWay = new Map<string, (status: string, text: string) => void>();
  #broken = "";
  /** Called at every call of the function. */
  #onCall = () => {};
  #program: Program | undefined;

  static async listen(port: number): Promise<RuntimeApi> {
    const api = new RuntimeApi();
    const server = createServer((request, response) => void api.#serve(request, response));
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    return api;
  }

  /** Waits until the function asks for so many events. */
  async ready(slots: number): Promise<void> {
    this.#broken = "";
    const tooLate = Date.now() + 60_000;
    while (this.#waiting.length < slots) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#onCall = resolve;
      const timer = setTimeout(resolve, 1000);
      await promise;
      clearTimeout(timer);
      if (this.#broken) throw new Error(`the function does not start: ${this.#broken}`);
      if (Date.now() > tooLate) throw new Error("the function does not ask for an event");
    }
  }

  /** Hands out an event; ends with the answer, with the end of the process, or some time after the deadline with a kill. */
  async invoke(body: string, { deadline }: { readonly deadline: number }): Promise<Answer> {
    await this.ready(1);
    if (!this.#program?.isAlive) this.#program = Program.find();
    const program = this.#program;
    const id = randomUUID();
    const { promise, resolve } = Promise.withResolvers<readonly [status: string, text: string]>();
    this.#underWay.set(id, (status, text) => resolve([status, text]));
    const start = performance.now();
    this.#waiting
      .shift()
      ?.writeHead(200, {
        "Lambda-Runtime-Aws-Request-Id": id,
        "Lambda-Runtime-Deadline-Ms": String(Date.now() + deadline),
        "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:123456789012:function:attacked",
      })
      .end(body);
    const watch = setInterval(() => {
      if (!program?.isAlive) resolve(["ended", ""]);
      else if (performance.now() - start > deadline + PATIENCE) {
        program.kill();
        resolve(["killed", ""]);
      }
    }, 20);
    const [status, text] = await promise;
    clearInterval(watch);
    this.#underWay.delete(id);
    return { status, text: text.slice(0, 300), milliseconds: Math.round(performance.now() - start) };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, id = "", what = ""] = /\/(invocation\/)?([^/]+)\/(next|response|error)$/
      .exec(request.url ?? "")
      ?.slice(1) ?? ["", "", ""];
    if (request.url?.endsWith("/invocation/next")) {
      response.once("close", () => {
        const at = this.#waiting.indexOf(response);
        if (at >= 0) this.#waiting.splice(at, 1);
      });
      this.#waiting.push(response);
      this.#onCall();
      return;
    }
    const body = await buffer(request).catch(() => Buffer.from("cut off"));
    const text = body.toString();
    if (request.url?.endsWith("/init/error")) this.#broken = text.slice(0, 500);
    this.#onCall();
    const tooLarge = what === "response" && body.length > MAX_ANSWER && !request.headers.trailer;
    response.writeHead(tooLarge ? 413 : 202).end("{}");
    this.#underWay.get(id)?.(tooLarge ? "413 of Lambda" : statusOf(request, text, what), text);
  }
}

function statusOf({ headers, trailers }: IncomingMessage, text: string, what: string): string {
  const type =
    headers["lambda-runtime-function-error-type"] ?? trailers["lambda-runtime-function-error-type"];
  if (what === "error" || type) return String(type);
  const [, code] = /^\{"statusCode":(\d+)/.exec(text) ?? [];
  return code ?? "200";
}
