import { screen } from "../display/screen.ts";
import { NotBuiltError } from "../engine/stored-image.ts";
import { EXIT, UserError } from "../errors.ts";
import { say } from "../output.ts";
import { cellName } from "../plan/cell-name.ts";
import type { Image } from "../plan/image.ts";
import { runSideBySide } from "./side-by-side.ts";
import { type SmokeOptions, type SmokeResult, showPassed, smokeTest } from "./smoke.ts";
import { recordTested } from "./tested-records.ts";

interface Cell {
  /** Among the others of this run. */
  readonly name: string;
  readonly image: Image;
  /** How long its test took. */
  readonly seconds: number;
}

export interface PassedCell extends Cell {
  readonly status: "passed";
  readonly result: SmokeResult;
}

export interface FaultyCell extends Cell {
  readonly status: "failed" | "not built";
  readonly fault: Error;
}

export type CellResult = PassedCell | FaultyCell;

export const isFaulty = (cell: CellResult): cell is FaultyCell => cell.status !== "passed";

/** What is wrong and what to do next; of an error that is not a user's, its stack. */
export function faultText(fault: Error): string {
  if (!(fault instanceof UserError)) return fault.stack ?? fault.message;
  return fault.hint ? `${fault.message}\n${fault.hint}` : fault.message;
}

interface TestOptions extends SmokeOptions {
  readonly name: string;
}

async function testCell(image: Image, { name, ...options }: TestOptions): Promise<CellResult> {
  const row = screen.row("cells", name);
  row.running("testing");
  const start = performance.now();
  const cell = () => ({ name, image, seconds: (performance.now() - start) / 1000 });
  try {
    const result = await smokeTest(image, options);
    // What passes with a variable or a network may not pass without: it is no test to push by.
    if (!options.env?.length && !options.network) await recordTested(result);
    showPassed(row, result);
    return { ...cell(), status: "passed", result };
  } catch (error) {
    options.signal.throwIfAborted();
    const status = error instanceof NotBuiltError ? "not built" : "failed";
    row.failed(status === "failed" ? "" : status);
    return { ...cell(), status, fault: error instanceof Error ? error : new Error(String(error)) };
  }
}

/**
 * Tests every image, whatever comes of the others: a fault is a result. With several images each fault is said when it is
 * found. As many run at once as processors and memory allow, those of the machine's own architecture first.
 * @returns the results in the order of the images
 * @throws only when it is aborted
 */
export async function testCells(
  images: readonly Image[],
  options: Omit<TestOptions, "name">,
): Promise<CellResult[]> {
  screen.phase("tests");
  const names = images.map((image) => cellName(image, images));
  for (const name of names) screen.row("cells", name);
  const results = new Map<number, CellResult>();
  const run = async (image: Image, index: number) => {
    const result = await testCell(image, { ...options, name: names[index] ?? image.name });
    if (isFaulty(result) && images.length > 1) say(`${result.name}: ${faultText(result.fault)}`);
    results.set(index, result);
  };
  await runSideBySide(images, run, options);
  return [...images.keys()].flatMap((index) => results.get(index) ?? []);
}

/**
 * @throws UserError (exit 1) that names the images that have not passed; (exit 3) when the machine is at fault for all of
 * them; of a single image, its own error
 */
export function requirePassed(results: readonly CellResult[]): void {
  const faulty = results.filter(isFaulty);
  const [first] = faulty;
  if (!first) return;
  if (results.length === 1) throw first.fault;
  const isOfMachine = faulty.every(
    ({ fault }) => fault instanceof UserError && fault.exitCode === EXIT.environment,
  );
  const named = faulty.map(({ name, status }) => `${name} (${status})`).join(", ");
  throw new UserError(`${faulty.length} of ${results.length} images have not passed: ${named}`, {
    reason: isOfMachine ? "environment" : "check",
    hint: "What is wrong with each is said above.",
  });
}
