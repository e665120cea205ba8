import { UserError } from "../errors.ts";
import type { Image } from "../plan/image.ts";
import { testCasesOf } from "./cases.ts";
import { functionError, shortened } from "./function-error.ts";
import type { Sandbox } from "./sandbox.ts";
import { headOf } from "./streamed-reply.ts";

/** The variable that names the handler in the image: empty, the default handling answers. */
export const WITHOUT_HANDLER = ["MKIMAGE_HANDLER="];

/** What is sent to a handler: the event that the project names for it, else the samples of the default model. */
export const eventsOf = async ({ event, models: [model] }: Image): Promise<unknown[]> =>
  event ? [event] : (await testCasesOf(model)).map((testCase) => testCase.event);

/** What is wrong with an answer, whatever else it says; undefined for one that is no error. */
export function replyFault(body: string): string | undefined {
  const { statusCode } = (headOf(body) ?? {}) as { statusCode?: unknown };
  const status = Number(statusCode) >= 400 ? `status ${statusCode}: ${shortened(body)}` : undefined;
  return functionError(body) ?? status;
}

/**
 * Has a project's own handler answer. Nobody but its author knows what its answers should be, so they only must not be
 * errors: none thrown, and no HTTP status of 400 or more.
 * @throws UserError (exit 1) with the event and the error.
 */
export async function checkHandler(
  sandbox: Pick<Sandbox, "invoke">,
  image: Image,
): Promise<{ readonly firstMs: number; readonly warmMs: number }> {
  const events = await eventsOf(image);
  const sent = [...events, ...events.slice(0, 1)].map((event) => JSON.stringify(event));
  const replies = await sandbox.invoke(sent);
  for (const [index, { body }] of replies.entries()) {
    const fault = replyFault(body);
    if (!fault) continue;
    const elsewhere = image.event
      ? ""
      : `; mkimage.json can have the event that it expects: functions.${image.function}.event`;
    throw new UserError(
      `${image.handler?.file} answered ${sent[index]?.slice(0, 200)} with an error: ${fault}${elsewhere}`,
      { reason: "check" },
    );
  }
  return { firstMs: replies[0]?.milliseconds ?? 0, warmMs: replies.at(-1)?.milliseconds ?? 0 };
}
