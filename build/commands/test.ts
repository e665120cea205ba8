import type { Argv } from "yargs";
import { withoutUrlSecrets } from "../../models/public-url.ts";
import { askReferences } from "../builder/references.ts";
import { connectDocker } from "../clients/docker.ts";
import { showNext } from "../command-line/closing.ts";
import { type MatrixArgs, matrixOptions, type Run } from "../command-line/options.ts";
import { loadProject, prepareBuild, prepareBuilt } from "../command-line/prepare.ts";
import { packageSecrets } from "../command-line/run.ts";
import { addSummary } from "../display/github.ts";
import { UserError } from "../errors.ts";
import { writeAtomic } from "../files/atomic.ts";
import { print, printJson, table } from "../output.ts";
import { nextCommand } from "../plan/build-command.ts";
import { samplesOf } from "../smoke/cases.ts";
import { junitReport } from "../smoke/junit.ts";
import type { SmokeResult } from "../smoke/smoke.ts";
import { type CellResult, isFaulty, requirePassed, testCells } from "../smoke/test-cells.ts";
import { updateReplies } from "../smoke/update-replies.ts";

export const builder = (yargs: Argv) =>
  matrixOptions(yargs)
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
    .example("$0 test", "every image of the matrix")
    .example("$0 test --update", "the replies to compare with, then the test")
    .example("$0 test --arch arm64 --os alpine", "one image")
    .example("$0 test --junit report.xml", "with a report for CI");

export interface TestArgs extends MatrixArgs {
  junit?: string;
  update: boolean;
}

const passedFacts = (tested: SmokeResult) => ({
  id: tested.id,
  emulated: tested.emulated,
  firstMs: Math.round(tested.firstMs),
  warmMs: Math.round(tested.warmMs * 10) / 10,
  ...(tested.handler && { handler: tested.handler.file }),
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

/** Whether a spec says what its model has to answer. */
const isCompared = ({ models }: SmokeResult) =>
  models.some(({ spec }) => samplesOf(spec).some(({ expected }) => expected !== undefined));

const resultCells = (result: SmokeResult): string[] => [
  `${Math.round(result.firstMs)} ms`,
  `${result.warmMs.toFixed(1)} ms`,
  isCompared(result) ? result.largestDifference.toExponential(1) : "not compared",
  result.abi.newest.GLIBC ?? "none",
  result.emulated ? "emulated" : "native",
];

const NO_RESULT = ["–", "–", "–", "–", "–"];

const resultTable = (results: readonly CellResult[]): string[][] => [
  ["image", "result", "first answer", "warm", "difference", "glibc needed", "machine"],
  ...results.map((cell) => [
    cell.image.reference,
    cell.status,
    ...(isFaulty(cell) ? NO_RESULT : resultCells(cell.result)),
  ]),
];

/** @throws UserError (exit 3) when the file cannot be written. */
async function writeReport(path: string, results: readonly CellResult[]): Promise<void> {
  await writeAtomic(path, junitReport(results)).catch((cause: Error) => {
    throw new UserError(`Cannot write the report to ${path}: ${cause.message}`, {
      reason: "environment",
      hint: "Name another file with --junit.",
      cause,
    });
  });
}

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

export async function handler(args: TestArgs, { signal }: Run): Promise<void> {
  if (args.update) await update(args, signal);
  const images = await prepareBuilt(args, signal);
  const docker = await connectDocker();
  const results = await testCells(images, { docker, signal });
  if (args.json) printJson(results.map(summary));
  else {
    const rows = resultTable(results);
    addSummary("Tested images", rows);
    print(table(rows));
  }
  if (args.junit) await writeReport(args.junit, results);
  requirePassed(results);
  if (!args.json) showNext(["push", "up"].map((command) => nextCommand(command, args)));
}
