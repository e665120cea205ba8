import type { Argv } from "yargs";
import { withoutUrlSecrets } from "../../models/public-url.ts";
import { askReferences } from "../builder/references.ts";
import { connectDocker } from "../clients/docker.ts";
import { showNext } from "../command-line/closing.ts";
import { readEvent } from "../command-line/event.ts";
import { type EnvArgs, envOptions, functionEnv } from "../command-line/function-env.ts";
import { type LimitArgs, limitOptions, limitsOf, withLimits } from "../command-line/limit-options.ts";
import { type MatrixArgs, matrixOptions, onlyArch, type Run } from "../command-line/options.ts";
import { loadProject, prepareBuild, prepareBuilt } from "../command-line/prepare.ts";
import { packageSecrets } from "../command-line/run.ts";
import { addSummary } from "../display/github.ts";
import { EXIT, UserError } from "../errors.ts";
import { checkWritable, writeAtomic } from "../files/atomic.ts";
import { systemFault } from "../files/system-fault.ts";
import { print, printJson, say, table } from "../output.ts";
import { commandFor, nextCommand } from "../plan/build-command.ts";
import { samplesOf } from "../smoke/cases.ts";
import { junitReport } from "../smoke/junit.ts";
import { lifecycleNotes } from "../smoke/lifecycle.ts";
import { anyTable, resultTable } from "../smoke/result-table.ts";
import { faultLines } from "../smoke/rules/rules.ts";
import type { SmokeResult } from "../smoke/smoke.ts";
import { type Asked, testAny } from "../smoke/test-any.ts";
import { type CellResult, isFaulty, requirePassed, testCells } from "../smoke/test-cells.ts";
import { updateReplies } from "../smoke/update-replies.ts";

export const builder = (yargs: Argv) =>
  envOptions(limitOptions(matrixOptions(yargs)))
    .option("junit", {
      string: true,
      requiresArg: true,
      description: "Also write the results to this file, as a JUnit report",
    })
    .option("update", {
      boolean: true,
      default: false,
      description:
        "First write what the reference (Python) answers to the models' samples into models/NAME.samples.json",
    })
    .option("thorough", {
      boolean: true,
      default: false,
      description:
        "Also 100 calls without growth of memory, an event of 6 MB, a stop by SIGTERM, two events at once, a restore from a snapshot, and files outside /tmp",
    })
    .option("image", {
      string: true,
      requiresArg: true,
      description: "Test this image in place of the project's: a reference, an OCI layout, or a tar of one",
    })
    .option("event", {
      string: true,
      requiresArg: true,
      description:
        "What --image is sent: the path of a JSON file, or - for stdin; --model NAME sends its samples",
    })
    .example("$0 test", "every image of the matrix")
    .example("$0 test --update", "the replies to compare with, then the test")
    .example("$0 test --arch arm64 --os alpine", "one image")
    .example("$0 test --image app:1 --event e.json", "any image of a Lambda function")
    .example("$0 test --memory 512 --timeout 30 --tmp 1024", "with other limits than those of mkimage.json")
    .example("$0 test --junit report.xml", "with a report for CI");

export interface TestArgs extends MatrixArgs, LimitArgs, EnvArgs {
  junit?: string;
  update: boolean;
  thorough: boolean;
  image?: string;
  event?: string;
}

const passedFacts = (tested: SmokeResult) => ({
  id: tested.id,
  emulated: tested.emulated,
  firstMs: Math.round(tested.firstMs),
  warmMs: Math.round(tested.warmMs * 10) / 10,
  ...(tested.handler && { handler: tested.handler.file }),
  ...(tested.peakMemoryMB !== undefined && { peakMemoryMB: tested.peakMemoryMB }),
  leftProcesses: tested.leftProcesses,
  ...(tested.lifecycle && {
    lifecycle: { ...tested.lifecycle, stopMs: Math.round(tested.lifecycle.stopMs) },
  }),
  largestDifference: tested.largestDifference,
  abi: tested.abi,
});

const faultFacts = (fault: Error) => ({
  message: withoutUrlSecrets(fault.message),
  ...(fault instanceof UserError && fault.hint && { hint: withoutUrlSecrets(fault.hint) }),
});

const summary = (cell: CellResult) => ({
  name: cell.image.name,
  function: cell.image.function,
  reference: cell.image.reference,
  status: cell.status,
  ...(isFaulty(cell) ? { fault: faultFacts(cell.fault) } : passedFacts(cell.result)),
});

/** Why a report cannot be written to a file, as an error (exit 3). */
const unwritable =
  (path: string) =>
  (cause: Error): never => {
    if (cause instanceof UserError) throw cause;
    throw new UserError(`Cannot write the report to ${path}: ${systemFault(cause)}`, {
      reason: "environment",
      hint: "Name another file with --junit.",
      cause,
    });
  };

/** Has the reference of each model answer its samples, and writes the replies. */
async function update(args: TestArgs, signal: AbortSignal): Promise<void> {
  const project = await loadProject(args);
  const images = await prepareBuild(project, { signal });
  const asked = await askReferences(images, ({ spec }) => samplesOf(spec), {
    signal,
    secrets: packageSecrets(),
  });
  for (const each of asked) await updateReplies(project.config.project, each);
}

/** What `--image` is sent. @throws UserError (exit 2) when neither an event nor a model is named */
async function askedOf(args: TestArgs, signal: AbortSignal): Promise<Asked> {
  if (args.event) return { event: await readEvent(args.event === "-" ? "-" : `@${args.event}`) };
  if (!args.model) {
    throw new UserError("--image needs what it is to be sent", {
      hint: "Give --event FILE with an event in JSON, or --model NAME for the samples of models/NAME.json.",
    });
  }
  const images = await prepareBuilt(args, signal);
  return {
    samplesOf(arch) {
      const image = images.find((each) => each.arch === arch);
      if (image) return image;
      throw new UserError(`mkimage.json has no image for ${arch}, the architecture of --image`, {
        hint: "Leave out --os, --arch and --function, or send an event: --event FILE.",
      });
    },
  };
}

/** The options by which a test differs from that of any other run; of variables not the values, which may be secret. */
const againWords = (args: TestArgs): string[] => [
  ...(["memory", "timeout", "tmp"] as const).flatMap((name) =>
    args[name] === undefined ? [] : [`--${name}`, String(args[name])],
  ),
  ...(args.network ? ["--network"] : []),
  ...(args.thorough ? ["--thorough"] : []),
  ...(args.env ?? []).flatMap((text) => ["--env", text.split("=")[0] as string]),
  ...(args.envFile ? ["--env-file", args.envFile] : []),
  ...(args.passAws ? ["--pass-aws"] : []),
];

/** The command that tests any image in the same way. */
const anyCommand = (reference: string, args: TestArgs): string =>
  commandFor({ command: nextCommand("build", args) }, "test", [
    "--image",
    reference,
    ...(args.event ? ["--event", args.event] : []),
    ...againWords(args),
  ]);

/** Tests an image that may not be the project's. */
async function testImage(reference: string, args: TestArgs, { signal }: Run): Promise<void> {
  if (args.update || args.junit) {
    throw new UserError(`--image and --${args.update ? "update" : "junit"} exclude each other`);
  }
  const asked = await askedOf(args, signal);
  const limits = limitsOf(args);
  const options = {
    docker: await connectDocker(),
    signal,
    arch: onlyArch(args),
    limits,
    network: args.network,
    env: await functionEnv(args),
    thorough: args.thorough,
  };
  const tested = await testAny(reference, asked, options).catch((error: unknown) => {
    if (error instanceof UserError && error.exitCode === EXIT.check)
      error.addHint(`Again: ${anyCommand(reference, args)}`);
    throw error;
  });
  const advice = tested.rules.filter(({ status }) => status === "broken");
  for (const each of advice) say(`note: ${each.name}: ${faultLines(each).join("; ")}`);
  for (const note of lifecycleNotes(tested.lifecycle)) say(`note: ${reference} ${note}`);
  if (args.json) {
    const { rules, ...facts } = tested;
    return printJson({ ...facts, advice });
  }
  print(table(anyTable(tested, args.thorough)));
}

export async function handler(args: TestArgs, { signal }: Run): Promise<void> {
  if (args.image) return testImage(args.image, args, { signal });
  if (args.event)
    throw new UserError("--event is for --image", {
      hint: "The project's images are sent their models' samples; mkimage invoke sends an event.",
    });
  if (args.junit) await checkWritable(args.junit).catch(unwritable(args.junit));
  if (args.update) await update(args, signal);
  const images = withLimits(await prepareBuilt(args, signal), args);
  const given = { env: await functionEnv(args), network: args.network };
  const docker = await connectDocker();
  const results = await testCells(images, {
    docker,
    signal,
    ...given,
    thorough: args.thorough,
    again: againWords(args),
  });
  if (args.json) printJson(results.map(summary));
  else {
    const rows = resultTable(results, args.thorough);
    addSummary("Tested images", rows);
    print(table(rows));
  }
  if (args.junit) await writeAtomic(args.junit, junitReport(results)).catch(unwritable(args.junit));
  requirePassed(results);
  if (!args.json) showNext(["push", "up"].map((command) => nextCommand(command, args)));
}
