import { slotCount } from "../environment/threads.ts";
import { logError } from "./log.ts";
import { type Handler, serve } from "./loop.ts";
import { watchProcess } from "./process-events.ts";
import type { RuntimeApi } from "./runtime-api.ts";

export interface StartOptions {
  /** Takes no further event once it aborts. */
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The life of the program under the Runtime API: init, with SnapStart the wait for the restored copy, then events until
 * `signal` aborts. What keeps it from starting is reported to Lambda and ends the process, as everything does that it
 * cannot go on after.
 * @param init gives the handler when all is ready that the first event should not wait for
 */
export async function start(
  runtimeApi: RuntimeApi,
  init: () => Promise<Handler>,
  { signal, env }: StartOptions,
): Promise<never> {
  const api = watchProcess(runtimeApi);
  try {
    const handler = await init().catch((error) => failed(error, api.failInit));
    if (env.AWS_LAMBDA_INITIALIZATION_TYPE === "snap-start") {
      await api.awaitRestore().catch((error) => failed(error, api.failRestore));
    }
    await serve(api, handler, { signal, slots: slotCount(env.AWS_LAMBDA_MAX_CONCURRENCY) });
    process.exit(0);
  } catch (error) {
    logError("the runtime ends", error);
    process.exit(1);
  }
}

/** Reports what keeps the program from starting, and ends it. */
async function failed(error: unknown, report: (error: unknown) => Promise<void>): Promise<never> {
  logError("the runtime cannot start", error);
  await report(error);
  process.exit(1);
}
