import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import type Docker from "dockerode";
import { followLogs, openExec, withContainer } from "../clients/container.ts";
import { UserError } from "../errors.ts";
import { callCommand } from "./calls.ts";
import { functionError } from "./function-error.ts";
import { LAMBDA_USER } from "./limits.ts";
import { RUNTIME_API, RUNTIME_API_SERVER, runtimeLine } from "./runtime-api.ts";

export interface StreamOptions {
  /** Id of the image of `ensureCaller`, which gives the Runtime API. */
  readonly caller: string;
  readonly signal: AbortSignal;
  readonly timeout: number;
  /** Takes each line that the function writes. */
  readonly log: (line: string) => void;
  /** Takes each piece of the reply as it arrives. */
  readonly piece: (piece: Buffer) => void;
}

const failed = (what: string): UserError =>
  new UserError(`The function did not answer: ${what}`, { reason: "check" });

/**
 * Sends one event to a function without the emulator, which holds a streamed reply back until its end: a second container,
 * whose network the function's shares, gives it the Runtime API.
 * @param settings of the function's container
 * @returns the milliseconds from the start of the function to the end of its reply
 * @throws UserError (exit 1) when the function fails, ends, or takes too long
 */
export async function streamReply(
  docker: Docker,
  settings: Docker.ContainerCreateOptions,
  event: string,
  { caller, signal, timeout, log, piece }: StreamOptions,
): Promise<number> {
  const strict = { CapDrop: ["ALL"], SecurityOpt: ["no-new-privileges"], ReadonlyRootfs: true };
  const { NetworkMode = "none" } = settings.HostConfig ?? {};
  const own = {
    Image: caller,
    User: LAMBDA_USER,
    Labels: settings.Labels ?? {},
    HostConfig: { ...strict, NetworkMode },
  };
  return withContainer(docker, own, async (server) => {
    signal.throwIfAborted();
    await server.start();
    const { stdin, stdout, stderr } = await openExec(server, callCommand(RUNTIME_API_SERVER, timeout));
    const said = text(stderr).catch(() => "");
    stdin.end(event);
    const shared = { ...settings.HostConfig, NetworkMode: `container:${server.id}` };
    const called = { ...settings, Env: [...(settings.Env ?? []), RUNTIME_API], HostConfig: shared };
    return withContainer(docker, called, async (container) => {
      // The end of the server ends the loop below.
      const stop = () => void server.kill().catch(() => {});
      signal.addEventListener("abort", stop, { once: true });
      let [ended, logged, milliseconds]: [string, Promise<void>, number | undefined] = [
        "",
        Promise.resolve(),
        undefined,
      ];
      try {
        for await (const line of createInterface({ input: stdout })) {
          const told = runtimeLine.parse(JSON.parse(line));
          if ("milliseconds" in told) {
            milliseconds = told.milliseconds;
            break;
          }
          if ("piece" in told) piece(told.piece);
          else if ("error" in told) throw failed(functionError(told.error) ?? told.error);
          else {
            await container.start();
            logged = followLogs(container, log).catch(() => {});
            container.wait().then(({ StatusCode }) => {
              ended = `it ended with exit code ${StatusCode}`;
              stop();
            }, stop);
          }
        }
        signal.throwIfAborted();
        if (milliseconds !== undefined) return milliseconds;
        throw failed(ended || (await said).trim() || "the Runtime API ended");
      } finally {
        await container.kill().catch(() => {});
        // What it has written is all there when it has ended.
        await logged;
        signal.removeEventListener("abort", stop);
      }
    });
  });
}
