import { stat } from "node:fs/promises";
import { StringDecoder } from "node:string_decoder";
import { setTimeout as delay } from "node:timers/promises";
import type Docker from "dockerode";
import type { Argv } from "yargs";
import { connectDocker, findImage } from "../clients/docker.ts";
import { chosenEvent, eventFile } from "../command-line/event.ts";
import { type EnvArgs, envOptions, functionEnv } from "../command-line/function-env.ts";
import { type LimitArgs, limitOptions, withLimits } from "../command-line/limit-options.ts";
import { type MatrixArgs, matrixOptions, type Run } from "../command-line/options.ts";
import { prepareBuilt } from "../command-line/prepare.ts";
import { ensureCaller } from "../engine/caller-image.ts";
import { currentImage } from "../engine/stored-image.ts";
import { UserError } from "../errors.ts";
import { forTerminal, print, printJson, say } from "../output.ts";
import type { Image } from "../plan/image.ts";
import { shortConsole } from "../smoke/console-output.ts";
import { functionError, functionTrace, loggedError } from "../smoke/function-error.ts";
import { ownHelper } from "../smoke/helper.ts";
import {
  type FunctionOptions,
  isEmulated,
  type Reply,
  sandboxSettings,
  withSandbox,
} from "../smoke/sandbox.ts";
import { streamReply } from "../smoke/stream.ts";
import { headOf, splitReply } from "../smoke/streamed-reply.ts";

export const builder = (yargs: Argv) =>
  envOptions(limitOptions(matrixOptions(yargs)))
    .positional("input", { type: "string", description: "JSON, @FILE, or - for stdin [default: -]" })
    .option("event", {
      string: true,
      requiresArg: true,
      description: "The event, in a JSON file; the same as @FILE; - for stdin",
    })
    .option("payload", {
      string: true,
      requiresArg: true,
      description:
        "A file as the body of an HTTP event, in base64 unless it is a text, as a Function URL sends it",
    })
    .option("stream", {
      boolean: true,
      default: false,
      description:
        "Print the reply piece by piece as it comes; the emulator, which holds it back, is left out",
    })
    .option("watch", {
      boolean: true,
      default: false,
      description: "Ask again when the event's file or the image changes, until Ctrl-C",
    })
    .example(`$0 invoke --arch arm64 --os alpine '{"inputs":"hello world"}'`, "the embedding of a sentence")
    .example(
      "$0 invoke --arch amd64 --os debian @event.json --watch",
      "an event in a file, and again when it changes",
    )
    .example("$0 invoke --os debian --arch amd64 --payload cat.jpg", "a picture, as an HTTP request")
    .example(
      "$0 invoke --os debian --arch amd64 --env MODE=fast --pass-aws --network @s3-put.json",
      "a handler that calls AWS",
    );

export interface InvokeArgs extends MatrixArgs, LimitArgs, EnvArgs {
  input?: string;
  event?: string;
  payload?: string;
  stream: boolean;
  watch: boolean;
}

const givenAs = ({ input, event, payload }: InvokeArgs) => ({ event: input, file: event, payload });

/** @throws UserError (exit 2) when none or several match */
async function chosenImage(args: InvokeArgs, signal: AbortSignal): Promise<Image> {
  const images = withLimits(await prepareBuilt(args, signal), args);
  const [image] = images;
  if (image && images.length === 1) return image;
  throw new UserError(`invoke takes one image, and ${images.length} match`, {
    hint: `Choose one with --os, --arch and --function: ${images.map(({ reference }) => reference).join(", ")}`,
  });
}

/** A reply as `--json` has it: a stream of text is a string, and a streamed HTTP reply has its text as its body. */
function jsonReply(body: string): unknown {
  const { streamed } = splitReply(body);
  const value = headOf(body);
  if (value === undefined) return body;
  return streamed === undefined ? value : { ...(value as object), body: streamed };
}

/** Prints a reply while it comes. @throws UserError (exit 1) when the function gives none */
async function invokeStream(
  image: Image,
  event: string,
  { docker, signal, ...given }: InvokeOptions,
): Promise<void> {
  const { id } = await currentImage(docker, image);
  const emulated = await isEmulated(docker, image);
  const caller = await ensureCaller(docker, signal);
  const { settings, timeout } = await sandboxSettings(docker, { ...image, reference: id }, given);
  const letters = new StringDecoder("utf8");
  const piece = (content: Buffer) =>
    process.stdout.write(process.stdout.isTTY ? forTerminal(letters.write(content)) : content);
  const milliseconds = await streamReply(docker, settings, event, {
    caller,
    signal,
    timeout,
    log: shortConsole(say),
    piece,
  });
  if (process.stdout.isTTY) process.stdout.write("\n");
  say(`${image.reference}${emulated ? " (emulated)" : ""}: ${Math.round(milliseconds)} ms with init`);
}

interface InvokeOptions extends FunctionOptions {
  readonly docker: Docker;
  readonly signal: AbortSignal;
  readonly json: boolean;
}

/** @throws UserError (exit 1) when the function gives no answer, or an error */
async function invoke(
  image: Image,
  event: string,
  { docker, signal, json, ...given }: InvokeOptions,
): Promise<void> {
  const { id } = await currentImage(docker, image);
  const emulated = await isEmulated(docker, image);
  const helper = await ownHelper(image, id, { docker, signal });
  const options = { ...given, signal, helper, log: shortConsole(say) };
  const [reply, log] = await withSandbox(docker, { ...image, reference: id }, options, async (sandbox) => {
    const replies = (await sandbox.invoke([event])) as [Reply];
    return [replies[0], await sandbox.logs()] as const;
  });
  const failure = functionError(reply.body);
  if (failure) {
    throw new UserError(`The function answered with an error: ${failure}`, {
      reason: "check",
      hint: functionTrace(reply.body),
    });
  }
  const milliseconds = Math.round(reply.milliseconds);
  // An answer may be there before what goes on after it fails, and with it the function.
  const outside = loggedError(log);
  if (outside) say(`The function answered, and failed outside of the call: ${outside}`);
  say(`${image.reference}${emulated ? " (emulated)" : ""}: ${milliseconds} ms with init`);
  if (json)
    return printJson({ reference: image.reference, emulated, milliseconds, reply: jsonReply(reply.body) });
  const { head, streamed } = splitReply(reply.body);
  if (streamed !== undefined)
    say(`The reply is a stream with the head ${head}; --stream prints it as it comes`);
  print(streamed ?? head);
}

/** Milliseconds between two looks at what is watched. */
const INTERVAL = 300;

/** How the event's file and the image are now: another text when one of them has changed. */
async function signature(docker: Docker, file: string | undefined, reference: string): Promise<string> {
  const [facts, stored] = await Promise.all([
    file ? stat(file).catch(() => undefined) : undefined,
    findImage(docker, reference),
  ]);
  return `${facts?.mtimeMs} ${facts?.size} ${stored?.id}`;
}

/** Asks, and asks again after each change; a failure is told and ends nothing. */
async function watch(
  ask: (image: Image) => Promise<void>,
  args: InvokeArgs,
  options: InvokeOptions,
): Promise<void> {
  const { docker, signal } = options;
  const file = eventFile(givenAs(args));
  for (;;) {
    // Read anew: the project may have changed with its image.
    const image = await chosenImage(args, signal);
    const before = await signature(docker, file, image.reference);
    await ask(image).catch((error: unknown) => {
      signal.throwIfAborted();
      if (!(error instanceof UserError)) throw error;
      say([`mkimage: ${error.message}`, ...(error.hint ? [error.hint] : [])].join("\n"));
    });
    say(`Waiting for a change of ${[...(file ? [file] : []), image.reference].join(" or ")}; Ctrl-C ends it`);
    while ((await signature(docker, file, image.reference)) === before)
      await delay(INTERVAL, undefined, { signal });
  }
}

export async function handler(args: InvokeArgs, { signal }: Run): Promise<void> {
  if (args.stream && args.json) {
    throw new UserError("--stream and --json exclude each other", {
      hint: "--json prints one document, when the reply is complete.",
    });
  }
  const given = { signal, json: args.json, env: await functionEnv(args), network: args.network };
  const read = () => chosenEvent(givenAs(args));
  // What is wrong with the input is told before an engine is asked for anything.
  const image = await chosenImage(args, signal);
  const event = await read();
  const options = { ...given, docker: await connectDocker() };
  const send = args.stream ? invokeStream : invoke;
  if (args.watch) await watch(async (current) => send(current, await read(), options), args, options);
  else await send(image, event, options);
}
