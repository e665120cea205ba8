import { resolve } from "node:path";
import type { Argv } from "yargs";
import { connectDocker } from "../clients/docker.ts";
import { showNext } from "../command-line/closing.ts";
import { type MatrixArgs, matrixOptions, type Run } from "../command-line/options.ts";
import { prepareBuilt } from "../command-line/prepare.ts";
import { addSummary } from "../display/github.ts";
import { writeAtomic } from "../files/atomic.ts";
import { print, printJson, table } from "../output.ts";
import { nextCommand } from "../plan/build-command.ts";
import { toJunit } from "../smoke/junit.ts";
import type { SmokeResult } from "../smoke/smoke.ts";
import { type CellOutcome, faultOf, testCells } from "../smoke/test-cells.ts";

export const builder = (yargs: Argv) =>
  matrixOptions(yargs)
    .option("junit", {
      string: true,
      requiresArg: true,
      description: "File to write a JUnit report to, with a case per image",
    })
    .example("$0 test", "every image of the matrix; one that fails does not stop the others")
    .example("$0 test --arch arm64 --os alpine", "one image");

export interface TestArgs extends MatrixArgs {
  junit?: string;
}

const figures = (tested: SmokeResult) => ({
  id: tested.id,
  emulated: tested.emulated,
  firstMs: Math.round(tested.firstMs),
  warmMs: Math.round(tested.warmMs * 10) / 10,
  ...(tested.handler && { handler: tested.handler.file }),
  largestDifference: tested.largestDifference,
  abi: tested.abi,
});

const summary = ({ image: { name, reference, function: owner }, result, fault }: CellOutcome) => ({
  function: owner,
  name,
  reference,
  passed: fault === undefined,
  ...(result && figures(result)),
  ...(fault && { fault: { message: fault.message, ...(fault.hint && { hint: fault.hint }) } }),
});

/** Whether a spec says what its model has to answer. */
const isCompared = ({ models }: SmokeResult) =>
  models.some(({ spec }) => spec.samples.some(({ expected }) => expected !== undefined));

/** A row per image; of one that did not pass, the first line of why. */
const testedTable = (outcomes: readonly CellOutcome[]): string[][] => [
  ["image", "result", "first answer", "warm", "difference", "glibc needed", "machine"],
  ...outcomes.map(({ image: { reference }, result, fault }) =>
    result
      ? [
          reference,
          "passed",
          `${Math.round(result.firstMs)} ms`,
          `${result.warmMs.toFixed(1)} ms`,
          isCompared(result) ? result.largestDifference.toExponential(1) : "not compared",
          result.abi.newest.GLIBC ?? "none",
          result.emulated ? "emulated" : "native",
        ]
      : [reference, `failed: ${(fault?.message ?? "").split("\n", 1)[0]?.replace(`${reference}: `, "")}`],
  ),
];

export async function handler(args: TestArgs, { signal }: Run): Promise<void> {
  const images = await prepareBuilt(args, signal);
  const outcomes = await testCells(images, { docker: await connectDocker(), signal });
  if (args.junit) await writeAtomic(resolve(args.junit), toJunit(outcomes));
  const fault = faultOf(outcomes);
  const results = testedTable(outcomes);
  addSummary("Tested images", results);
  if (args.json) printJson(outcomes.map(summary));
  // Of one image that does not pass, there is no more to say than why.
  else if (!fault || outcomes.length > 1) print(table(results));
  if (fault) throw fault;
  if (!args.json) showNext(["push", "up"].map((command) => nextCommand(command, args)));
}
