import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { text } from "node:stream/consumers";
import { UserError } from "../errors.ts";
import { withoutMark } from "../files/json.ts";
import { systemFault } from "../files/system-fault.ts";
import { say } from "../output.ts";
import { toEvent } from "../up/function-url.ts";

/** Content types by the ends of files; any other body is `application/octet-stream`. */
const TYPES: Readonly<Record<string, string>> = {
  ".csv": "text/csv",
  ".gif": "image/gif",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".json": "application/json",
  ".mp3": "audio/mpeg",
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".txt": "text/plain",
  ".wav": "audio/wav",
  ".webp": "image/webp",
  ".xml": "application/xml",
};

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
            throw new UserError(`Cannot read the event from ${source}: ${systemFault(cause)}`, {
              hint: `Give the path of a JSON file, or the event itself: mkimage invoke '{"inputs":"hello"}'`,
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

/**
 * The event that a Function URL makes of a POST with a file as its body: base64 unless it is a text.
 * @throws UserError (exit 2) when the file cannot be read
 */
async function payloadEvent(path: string): Promise<string> {
  const body = await readFile(path).catch((cause: Error) => {
    throw new UserError(`Cannot read the payload from ${path}: ${systemFault(cause)}`, {
      hint: "--payload takes the path of a file.",
      cause,
    });
  });
  const type = TYPES[extname(path).toLowerCase()] ?? "application/octet-stream";
  return JSON.stringify(toEvent({ method: "POST", url: "/", headers: { "content-type": type } }, body));
}

export interface EventArgs {
  /** The event itself, `@FILE`, or `-`. */
  readonly event?: string | undefined;
  /** The path of a JSON file. */
  readonly file?: string | undefined;
  /** The path of a file that is a body. */
  readonly payload?: string | undefined;
}

/**
 * The event of one of the ways in which it can be given.
 * @throws UserError (exit 2) for several of them, or when it cannot be read
 */
export async function chosenEvent({ event, file, payload }: EventArgs): Promise<string> {
  if ([event, file, payload].filter((each) => each !== undefined).length > 1) {
    throw new UserError("The event is given in several ways", {
      hint: "Give it once: as the argument, with --event FILE, or with --payload FILE.",
    });
  }
  if (payload !== undefined) return payloadEvent(payload);
  return readEvent(file === undefined || file === "-" ? (file ?? event) : `@${file}`);
}

/** The file that an event is read from, to be watched; undefined for one that is not in a file. */
export const eventFile = ({ event, file, payload }: EventArgs): string | undefined =>
  payload ?? (file === "-" ? undefined : file) ?? (event?.startsWith("@") ? event.slice(1) : undefined);
