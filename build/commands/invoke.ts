import type { Argv } from "yargs";
import { connectDocker } from "../clients/docker.ts";
import { readEvent } from "../command-line/event.ts";
import { type LimitArgs, limitOptions, withLimits } from "../command-line/limit-options.ts";
import { type MatrixArgs, matrixOptions, type Run } from "../command-line/options.ts";
import { prepareBuilt } from "../command-line/prepare.ts";
import { currentImage } from "../engine/stored-image.ts";
import { UserError } from "../errors.ts";
import { print, printJson, say } from "../output.ts";
import { functionError, functionTrace, loggedError } from "../smoke/function-error.ts";
import { isEmulated, type Reply, withSandbox } from "../smoke/sandbox.ts";

export const builder = (yargs: Argv) =>
  limitOptions(matrixOptions(yargs))
    .positional("event", { type: "string", description: "JSON, @FILE, or - for stdin [default: -]" })
    .example(`$0 invoke --arch arm64 --os alpine '{"inputs":"hello world"}'`, "the embedding of a sentence")
    .example("$0 invoke --arch amd64 --os debian @event.json", "an event in a file");

export interface InvokeArgs extends MatrixArgs, LimitArgs {
  event?: string;
}

export async function handler(args: InvokeArgs, { signal }: Run): Promise<void> {
  const images = withLimits(await prepareBuilt(args, signal), args);
  const [image] = images;
  if (!image || images.length > 1) {
    throw new UserError(`invoke takes one image, and ${images.length} match`, {
      hint: `Choose one with --os, --arch and --function: ${images.map(({ reference }) => reference).join(", ")}`,
    });
  }
  const event = await readEvent(args.event);
  const docker = await connectDocker();
  const { id } = await currentImage(docker, image);
  const emulated = await isEmulated(docker, image);
  const [reply, log] = await withSandbox(
    docker,
    { ...image, reference: id },
    { signal, network: args.network },
    async (sandbox) => {
      const replies = (await sandbox.invoke([event])) as [Reply];
      return [replies[0], await sandbox.logs()] as const;
    },
  );
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
  if (args.json)
    return printJson({ reference: image.reference, emulated, milliseconds, reply: JSON.parse(reply.body) });
  print(reply.body);
}
