import type { Argv } from "yargs";
import { connectDocker } from "../clients/docker.ts";
import { showNext } from "../command-line/closing.ts";
import { type MatrixArgs, matrixOptions, type Run } from "../command-line/options.ts";
import { prepareBuilt } from "../command-line/prepare.ts";
import { addSummary } from "../display/github.ts";
import { screen } from "../display/screen.ts";
import { print, printJson, table } from "../output.ts";
import { nextCommand } from "../plan/build-command.ts";
import { cellName } from "../plan/cell-name.ts";
import { type SmokeResult, showPassed, smokeTest } from "../smoke/smoke.ts";
import { recordTested } from "../smoke/tested-records.ts";

export const builder = (yargs: Argv) =>
  matrixOptions(yargs)
    .example("$0 test", "every image of the matrix")
    .example("$0 test --arch arm64 --os alpine", "one image");

const summary = (tested: SmokeResult) => ({
  name: tested.name,
  reference: tested.reference,
  id: tested.id,
  emulated: tested.emulated,
  firstMs: Math.round(tested.firstMs),
  warmMs: Math.round(tested.warmMs * 10) / 10,
  ...(tested.handler && { handler: tested.handler.file }),
  largestDifference: tested.largestDifference,
  abi: tested.abi,
});

/** Whether a spec says what its model has to answer. */
const isCompared = ({ models }: SmokeResult) =>
  models.some(({ spec }) => spec.samples.some(({ expected }) => expected !== undefined));

const testedTable = (tested: readonly SmokeResult[]): string[][] => [
  ["image", "first answer", "warm", "difference", "glibc needed", "machine"],
  ...tested.map((each) => [
    each.reference,
    `${Math.round(each.firstMs)} ms`,
    `${each.warmMs.toFixed(1)} ms`,
    isCompared(each) ? each.largestDifference.toExponential(1) : "not compared",
    each.abi.newest.GLIBC ?? "none",
    each.emulated ? "emulated" : "native",
  ]),
];

export async function handler(args: MatrixArgs, { signal }: Run): Promise<void> {
  const images = await prepareBuilt(args, signal);
  const docker = await connectDocker();
  const tested: SmokeResult[] = [];
  screen.phase("tests");
  for (const image of images) screen.row("cells", cellName(image, images));
  for (const image of images) {
    const row = screen.row("cells", cellName(image, images));
    row.running("testing");
    const result = await smokeTest(image, { docker, signal });
    await recordTested(result);
    showPassed(row, result);
    tested.push(result);
  }
  if (args.json) return printJson(tested.map(summary));
  const results = testedTable(tested);
  addSummary("Tested images", results);
  print(table(results));
  showNext(["push", "up"].map((command) => nextCommand(command, args)));
}
