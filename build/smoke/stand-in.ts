import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import type Docker from "dockerode";
import { followLogs, openExec, withContainer } from "../clients/container.ts";
import { UserError } from "../errors.ts";
import { callCommand } from "./calls.ts";
import { OUT_OF_MEMORY } from "./function-error.ts";
import { LAMBDA_USER } from "./limits.ts";
import { withReadOnlyVolumes } from "./read-only-volumes.ts";
import { type ApiPlan, parseLine, RUNTIME_API, RUNTIME_API_SERVER, type RuntimeLine } from "./runtime-api.ts";

export interface StandInOptions extends ApiPlan {
  /** Id of the image of `ensureCaller`, which gives the Runtime API. */
  readonly caller: string;
  readonly signal: AbortSignal;
  /** Takes each line that the function writes. */
  readonly log: (line: string) => void;
}

/** A function that runs without the emulator. */
export interface Driven {
  readonly container: Docker.Container;
  /**
   * What it asks for and answers, until it ends.
   * @throws UserError (exit 1) when it ends, or the Runtime API does
   */
  readonly lines: AsyncIterable<RuntimeLine>;
  /** Its exit code, when it has ended. */
  readonly ended: Promise<number>;
}

/** A function's failure to answer. */
export const notAnswered = (what: string): UserError =>
  new UserError(`The function did not answer: ${what}`, { reason: "check" });

/**
 * Runs a function without the emulator, which takes one event at a time, holds streamed replies back and has no restore: a
 * second container, whose network and processes the function's shares, gives it the Runtime API. Its program is not
 * process 1, as on Lambda: that one would ignore signals that it does not handle.
 * @param settings of the function's container
 */
export async function withStandIn<T>(
  docker: Docker,
  settings: Docker.ContainerCreateOptions,
  { caller, signal, log, ...plan }: StandInOptions,
  use: (driven: Driven) => Promise<T>,
): Promise<T> {
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
    const { stdin, stdout, stderr } = await openExec(server, callCommand(RUNTIME_API_SERVER, 0));
    const said = text(stderr).catch(() => "");
    stdin.end(JSON.stringify(plan));
    const mode = `container:${server.id}`;
    const shared = { ...settings.HostConfig, NetworkMode: mode, PidMode: mode };
    const called = { ...settings, Env: [...(settings.Env ?? []), RUNTIME_API], HostConfig: shared };
    const run = async (container: Docker.Container) => {
      // The end of the server ends `lines`.
      const stop = () => void server.kill().catch(() => {});
      signal.addEventListener("abort", stop, { once: true });
      const ended = Promise.withResolvers<number>();
      ended.promise.catch(() => {});
      let logged = Promise.resolve();
      const printed = createInterface({ input: stdout })[Symbol.asyncIterator]();
      async function* lines(): AsyncGenerator<RuntimeLine, void> {
        let code: number | undefined;
        ended.promise.then((exitCode) => {
          code = exitCode;
          stop();
        }, stop);
        for (let line = await printed.next(); !line.done; line = await printed.next())
          yield parseLine(line.value);
        signal.throwIfAborted();
        if (code === undefined) throw notAnswered((await said).trim() || "the Runtime API ended");
        const { State } = await container.inspect();
        throw notAnswered(State.OOMKilled ? OUT_OF_MEMORY : `it ended with exit code ${code}`);
      }
      try {
        // `listening` is the first line, or an error.
        const first = await printed.next();
        if (first.done) throw notAnswered((await said).trim() || "the Runtime API ended");
        await container.start();
        logged = followLogs(container, log).catch(() => {});
        container.wait().then(({ StatusCode }) => ended.resolve(StatusCode), ended.reject);
        return await use({ container, lines: lines(), ended: ended.promise });
      } finally {
        await container.kill().catch(() => {});
        // What it has written is all there when it has ended.
        await logged;
        signal.removeEventListener("abort", stop);
      }
    };
    return withReadOnlyVolumes(docker, called, (strictly) => withContainer(docker, strictly, run));
  });
}
