import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import type Docker from "dockerode";
import { z } from "zod";
import { openExec } from "../clients/container.ts";
import { UserError } from "../errors.ts";
import { callCommand, RELAY, reply } from "./calls.ts";
import type { Reply } from "./sandbox.ts";

const answer = z.union([reply, z.object({ error: z.string() })]);

/** The answer on a line of the script. @throws UserError (exit 1) where there is none */
export function replyOf(line: string): Reply {
  const got = answer.parse(JSON.parse(line));
  if ("error" in got) throw new UserError(`The emulator does not answer: ${got.error}`, { reason: "check" });
  // The emulator says nothing else of a program that ends before it asks for an event.
  if (got.status !== 200 && got.body === "")
    throw new UserError("The function ended before it had answered: see its log", { reason: "check" });
  return got;
}

/** A connection to the emulator in a container, which is kept open. */
export interface Relay {
  /**
   * Sends an event (JSON on one line). Those that are sent meanwhile wait: the emulator takes one at a time.
   * @throws UserError (exit 1) when the function or the container ends before it has answered
   */
  invoke(event: string): Promise<Reply>;
}

/** How long an event waits for the emulator's port, in milliseconds. */
const PATIENCE = 60_000;

export async function openRelay(container: Docker.Container): Promise<Relay> {
  const { stdin, stdout, stderr } = await openExec(container, callCommand(RELAY, PATIENCE));
  const said = text(stderr).catch(() => "");
  const waiting: PromiseWithResolvers<Reply>[] = [];
  const settle = (line: string) => {
    const next = waiting.shift();
    try {
      next?.resolve(replyOf(line));
    } catch (error) {
      next?.reject(error);
    }
  };
  let ended: UserError | undefined;
  const read = async () => {
    try {
      for await (const line of createInterface({ input: stdout })) settle(line);
    } finally {
      const last = (await said).trim().split("\n").at(-1);
      ended = new UserError(`The container has ended${last ? `: ${last}` : ""}`, { reason: "check" });
      for (const each of waiting.splice(0)) each.reject(ended);
    }
  };
  read().catch(() => {});
  return {
    invoke(event) {
      if (ended) return Promise.reject(ended);
      const next = Promise.withResolvers<Reply>();
      waiting.push(next);
      stdin.write(`${event}\n`);
      return next.promise;
    },
  };
}
