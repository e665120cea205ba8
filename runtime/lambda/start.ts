import { slotCount } from "../environment/threads.ts";
import { logError } from "./log.ts";
import { type Handler, serve } from "./loop.ts";
import { watchProcess } from "./process-events.ts";
import { renewOwnRandom } from "./renew-random.ts";
import type { RuntimeApi } from "./runtime-api.ts";

export interface StartOptions {
  /** Aborted to stop after the current events. */
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Runs the program: init, with SnapStart the wait for the restored copy, then events until `signal` aborts. An error in
 * init is reported to Lambda and ends the process, as does every error after which it cannot continue.
 * @param init prepares everything that the first event should not wait for, and returns the handler
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
      renewOwnRandom();
    }
    await serve(api, handler, { signal, slots: slotCount(env.AWS_LAMBDA_MAX_CONCURRENCY) });
    process.exit(0);
  } catch (error) {
    logError("the runtime ends", error);
    process.exit(1);
  }
}

async function failed(error: unknown, report: (error: unknown) => Promise<void>): Promise<never> {
  logError("the runtime cannot start", error);
  await report(error);
  process.exit(1);
}
