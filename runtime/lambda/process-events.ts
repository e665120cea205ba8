import { setTimeout as sleep } from "node:timers/promises";
import { toFailure } from "./error-payload.ts";
import { log, logError } from "./log.ts";
import type { RuntimeApi } from "./runtime-api.ts";

/** Exit codes of AWS's own client for Node, aws-lambda-ric before 4 (later ones leave it to Node, which tells no caller), and Node's. */
const EXIT = { unhandledRejection: 128, uncaughtException: 129, nothingLeft: 13 } as const;

/** Milliseconds that the Runtime API has to take the report. */
const REPORT_MS = 1000;

/**
 * Reports what goes wrong in the process outside of any call, in a timer or a promise that nobody awaits or that nothing will
 * settle: as a log line, as the error of the invocations in work (of init before the first), and by the end of the process,
 * after which Lambda starts the environment anew. Warnings of Node become log lines.
 * @returns the Runtime API, to be used from now on, so that it is known what is in work
 */
export function watchProcess(api: RuntimeApi): RuntimeApi {
  const inWork = new Set<string>();
  let last: string | undefined;
  let ending = false;
  let report = (error: unknown): Promise<unknown> => api.failInit(error);

  async function end(message: string, error: unknown, code: number): Promise<void> {
    const ids = inWork.size > 0 ? [...inWork] : [last];
    for (const id of ids) logError(message, error, id);
    // What else breaks until the end is logged only.
    if (ending) return;
    ending = true;
    await Promise.race([report(error).catch(() => {}), sleep(REPORT_MS)]);
    process.exit(code);
  }
  process.on("uncaughtException", (error) => end("uncaught exception", error, EXIT.uncaughtException));
  process.on("unhandledRejection", (reason) =>
    end("unhandled rejection", toRejection(reason), EXIT.unhandledRejection),
  );
  process.on("beforeExit", () => end("nothing is left to wait for", nothingLeft(), EXIT.nothingLeft));
  // In place of Node's own listener, which writes text.
  process.removeAllListeners("warning");
  process.on("warning", (warning) => log("WARN", "warning", { ...toFailure(warning) }));

  const answering =
    <Rest extends unknown[]>(hand: (requestId: string, ...rest: Rest) => Promise<void>) =>
    (requestId: string, ...rest: Rest) =>
      hand(requestId, ...rest).finally(() => inWork.delete(requestId));
  return {
    ...api,
    async next(signal) {
      report = (error) => Promise.allSettled([...inWork].map((id) => api.fail(id, error)));
      const invocation = await api.next(signal);
      last = invocation.requestId;
      inWork.add(last);
      return invocation;
    },
    respond: answering(api.respond),
    respondStream: answering(api.respondStream),
    fail: answering(api.fail),
  };
}

/** A rejection as AWS's own client names it, with what was thrown in the message. */
function toRejection(reason: unknown): Error {
  const { errorType, errorMessage, stackTrace } = toFailure(reason);
  const error = new Error(`${errorType}: ${errorMessage}`);
  error.name = "Runtime.UnhandledPromiseRejection";
  error.stack = stackTrace.map((frame) => `    ${frame}`).join("\n");
  return error;
}

/** What an `await` of a promise that nothing will settle comes to. */
function nothingLeft(): Error {
  const error = new Error("a promise is awaited that nothing will settle");
  error.name = "Runtime.NodeJsExit";
  return error;
}
