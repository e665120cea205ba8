import { UserError } from "../errors.ts";
import { LONGEST_EVENT } from "./limits.ts";

/** What is wrong with an event that is longer than Lambda takes, of which the emulator hands over a part; otherwise undefined. */
export function eventFault(event: string): string | undefined {
  const bytes = Buffer.byteLength(event);
  return bytes > LONGEST_EVENT
    ? `The event has ${bytes} bytes, and Lambda takes ${LONGEST_EVENT} at most`
    : undefined;
}

/** @throws UserError (exit 2) for an event that is longer than Lambda takes */
export function requireShortEvent(event: string): void {
  const fault = eventFault(event);
  if (!fault) return;
  throw new UserError(fault, {
    hint: "Send fewer inputs at once, or the place of the data, in S3 for example. A body that is no text is a third longer in base64.",
  });
}
