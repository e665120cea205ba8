import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { UserError } from "../errors.ts";
import { withoutMark } from "../files/json.ts";
import { say } from "../output.ts";

/**
 * Reads an event, in JSON: given itself, as `@FILE`, or `-` for stdin.
 * @throws UserError (exit 2) when it cannot be read, or is not JSON
 */
export async function readEvent(event = "-"): Promise<string> {
  if (event === "-" && process.stdin.isTTY) say("Type the event, in JSON; Ctrl-D ends it");
  const source = event === "-" ? "stdin" : event.startsWith("@") ? event.slice(1) : "the argument";
  const given =
    event === "-"
      ? await text(process.stdin)
      : event.startsWith("@")
        ? await readFile(source, "utf8").catch((cause: Error) => {
            throw new UserError(`Cannot read the event from ${source}: ${cause.message}`, {
              hint: "After @ comes the path of a file; without it, the event itself.",
              cause,
            });
          })
        : event;
  const content = withoutMark(given);
  try {
    JSON.parse(content);
  } catch (cause) {
    throw new UserError(`The event in ${source} is not JSON: ${(cause as Error).message}`, {
      hint: `For example: '{"inputs":"hello world"}'`,
      cause,
    });
  }
  return content;
}
