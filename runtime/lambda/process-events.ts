import { setTimeout as sleep } from "node:timers/promises";
import { toFailure } from "./error-payload.ts";
import { log, logError } from "./log.ts";
import type { RuntimeApi } from "./runtime-api.ts";

/**
 * Exit codes of aws-lambda-ric before version 4 (later versions leave them to Node and report nothing to the caller),
 * and of Node.
 */
const EXIT = { unhandledRejection: 128, uncaughtException: 129, nothingLeft: 13 } as const;

/** Timeout of the report to the Runtime API, in milliseconds. */
const REPORT_MS = 1000;

/**
 * Handles errors outside a call: in a timer, in a promise that nothing awaits, or a promise that never settles. They
 * are logged, reported as the error of the current invocations (of init before the first one), and end the process;
 * Lambda then restarts the environment. Node's warnings become log lines.
 * @returns the Runtime API to use from now on: it tracks the current invocations
 */
export function watchProcess(api: RuntimeApi): RuntimeApi {
  const inWork = new Set<string>();
  let last: string | undefined;
  let ending = false;
  let report = (error: unknown): Promise<unknown> => api.failInit(error);

  async function end(message: string, error: unknown, code: number): Promise<void> {
    const ids = inWork.size > 0 ? [...inWork] : [last];
    for (const id of ids) logError(message, error, id);
    // Further errors are only logged.
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
  // Replaces Node's listener, which writes text.
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

/** A rejection in the form of AWS's runtime client, with the thrown value in the message. */
function toRejection(reason: unknown): Error {
  const { errorType, errorMessage, stackTrace } = toFailure(reason);
  const error = new Error(`${errorType}: ${errorMessage}`);
  error.name = "Runtime.UnhandledPromiseRejection";
  error.stack = stackTrace.map((frame) => `    ${frame}`).join("\n");
  return error;
}

/** The error for a promise that is awaited and can never settle. */
function nothingLeft(): Error {
  const error = new Error("a promise is awaited that nothing will settle");
  error.name = "Runtime.NodeJsExit";
  return error;
}
