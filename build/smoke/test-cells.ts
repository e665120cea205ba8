import { availableParallelism } from "node:os";
import type Docker from "dockerode";
import pMap from "p-map";
import { screen } from "../display/screen.ts";
import { UserError } from "../errors.ts";
import { cellName } from "../plan/cell-name.ts";
import type { Image } from "../plan/image.ts";
import { isEmulated } from "./sandbox.ts";
import { type SmokeResult, showPassed, smokeTest } from "./smoke.ts";
import { recordTested } from "./tested-records.ts";

/** What came of the test of one image: its figures, or why it did not pass. */
export interface CellOutcome {
  readonly image: Image;
  readonly seconds: number;
  readonly result?: SmokeResult;
  readonly fault?: UserError;
}

interface CellOptions {
  readonly docker: Docker;
  readonly signal: AbortSignal;
}

async function testCell(image: Image, images: readonly Image[], options: CellOptions): Promise<CellOutcome> {
  const row = screen.row("cells", cellName(image, images));
  row.running("testing");
  try {
    const result = await smokeTest(image, options);
    await recordTested(result);
    showPassed(row, result);
    return { image, result, seconds: row.seconds };
  } catch (fault) {
    options.signal.throwIfAborted();
    if (!(fault instanceof UserError)) throw fault;
    row.failed(fault.message.split("\n", 1)[0]);
    return { image, fault, seconds: row.seconds };
  }
}

/**
 * Tests images: a failure does not stop the others. Those of the machine's own architecture come first, one after the other,
 * so that their times are those of a quiet machine; emulated ones, whose times say nothing, run side by side.
 * @returns the outcomes, in the order of the images
 */
export async function testCells(images: readonly Image[], options: CellOptions): Promise<CellOutcome[]> {
  screen.phase("tests");
  for (const image of images) screen.row("cells", cellName(image, images));
  const emulated = await Promise.all(images.map((image) => isEmulated(options.docker, image)));
  const outcomes = new Map<Image, CellOutcome>();
  const run = async (image: Image) => void outcomes.set(image, await testCell(image, images, options));
  for (const [index, image] of images.entries()) if (!emulated[index]) await run(image);
  await pMap(
    images.filter((_, index) => emulated[index]),
    run,
    { concurrency: availableParallelism(), signal: options.signal },
  );
  return images.flatMap((image) => outcomes.get(image) ?? []);
}

/**
 * The error of a command that tested these: the one fault there is, or all of them with their cells.
 * @returns undefined when all passed
 */
export function faultOf(outcomes: readonly CellOutcome[]): UserError | undefined {
  const failed = outcomes.filter(({ fault }) => fault);
  const [first] = failed;
  if (!first?.fault || outcomes.length === 1) return first?.fault;
  const told = failed.map(({ fault }) =>
    [fault?.message, ...(fault?.hint ? [fault.hint] : [])].join("\n").replaceAll("\n", "\n  "),
  );
  const isMachine = failed.every(({ fault }) => fault?.exitCode === first.fault?.exitCode);
  return new UserError(
    `${failed.length} of ${outcomes.length} images did not pass\n${told.map((each) => `  ${each}`).join("\n")}`,
    { reason: isMachine && first.fault.exitCode === 3 ? "environment" : "check" },
  );
}
