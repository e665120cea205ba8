import type Docker from "dockerode";
import { requireShortEvent } from "./event-size.ts";
import { functionError } from "./function-error.ts";
import { notAnswered, type StandInOptions, withStandIn } from "./stand-in.ts";

export interface StreamOptions extends Pick<StandInOptions, "caller" | "signal" | "log"> {
  readonly timeout: number;
  /** Takes each piece of the reply as it arrives. */
  readonly piece: (piece: Buffer) => void;
}

/**
 * Sends one event to a function without the emulator, which holds a streamed reply back until its end.
 * @param settings of the function's container
 * @returns the milliseconds from the start of the function to the end of its reply
 * @throws UserError (exit 1) when the function fails, ends, or takes too long, (exit 2) for an event that is too long
 */
export async function streamReply(
  docker: Docker,
  settings: Docker.ContainerCreateOptions,
  event: string,
  { timeout, piece, ...options }: StreamOptions,
): Promise<number> {
  requireShortEvent(event);
  const plan = { events: [event], seconds: timeout, atOnce: 1 };
  return withStandIn(docker, settings, { ...options, ...plan }, async ({ lines }) => {
    for await (const line of lines) {
      if ("piece" in line) piece(line.piece);
      else if ("error" in line) throw notAnswered(functionError(line.error) ?? line.error);
      else if ("milliseconds" in line) return line.milliseconds;
    }
    throw notAnswered("the Runtime API ended");
  });
}
