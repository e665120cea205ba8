import { once } from "node:events";
import type Docker from "dockerode";
import { followLogs } from "../clients/container.ts";
import { currentImage } from "../engine/stored-image.ts";
import type { Image } from "../plan/image.ts";
import { ownHelper } from "../smoke/helper.ts";
import { openRelay, type Relay } from "../smoke/relay.ts";
import { withSandbox } from "../smoke/sandbox.ts";

/** An image that runs under the emulator until it is stopped. */
export interface Running extends Relay {
  /** Ends and removes the container. */
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly docker: Docker;
  readonly signal: AbortSignal;
  /** Takes each line of the function's log. */
  readonly log: (line: string) => void;
}

/**
 * Starts an image of the engine's store, in the sandbox of the smoke test.
 * @throws UserError (exit 1) when it is not the one that the plan names, (exit 3) when it cannot be started
 */
export async function startImage(image: Image, { docker, signal, log }: StartOptions): Promise<Running> {
  const { id } = await currentImage(docker, image);
  const stopped = new AbortController();
  const either = AbortSignal.any([signal, stopped.signal]);
  const ready = Promise.withResolvers<Relay>();
  const ended = withSandbox(
    docker,
    { ...image, reference: id },
    { signal: either, helper: await ownHelper(image, id, { docker, signal }) },
    async ({ container, caller }) => {
      const relay = await openRelay(caller);
      followLogs(container, log).catch(() => {});
      ready.resolve(relay);
      if (!either.aborted) await once(either, "abort");
    },
  );
  ended.catch(ready.reject);
  const { invoke } = await ready.promise;
  return {
    invoke,
    async stop() {
      stopped.abort();
      await ended.catch(() => {});
    },
  };
}
