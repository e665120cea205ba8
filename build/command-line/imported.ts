import { resolve } from "node:path";
import { type Figures, isInput, type Series, usualInput } from "../bench/figures.ts";
import { UserError } from "../errors.ts";
import { readText } from "../files/limits.ts";
import { systemFault } from "../files/system-fault.ts";
import { importedSeries, readPowerTuning } from "../report/power-tuning-import.ts";
import type { Measured } from "./figures.ts";

/** What the imported rows stand beside: a cell with the usual input. @throws UserError (exit 2) for several architectures */
function comparable(series: readonly Series[]): Figures {
  const figures = series.map(({ latest }) => latest).filter(({ cell }) => !cell.baseline);
  const input = usualInput(figures);
  const usual = input ? figures.filter((each) => isInput(each, input)) : figures;
  const arches = [...new Set(usual.map(({ cell }) => cell.arch))];
  const [first] = usual;
  if (first && arches.length === 1) return first;
  throw new UserError("--import: the file does not say on which architecture it was measured", {
    hint: `Choose it: --arch ${arches.join(", or --arch ")}`,
  });
}

/**
 * Adds what aws-lambda-power-tuning has measured, as rows beside the results.
 * @throws UserError (exit 2) for a file that is not there or of another form, and where it is not known what to compare it with
 */
export async function withImported(measured: Measured, files: readonly string[] = []): Promise<Measured> {
  if (files.length === 0) return measured;
  const like = comparable(measured.series);
  const price = measured.price(like.cell.arch);
  const imported: Series[] = [];
  for (const name of files) {
    const path = resolve(name);
    const text = await readText(path).catch((cause: NodeJS.ErrnoException) => {
      if (cause instanceof UserError) throw cause;
      throw new UserError(`--import: cannot read ${path}: ${systemFault(cause)}`, { cause });
    });
    imported.push(...importedSeries(readPowerTuning(text, path), { like, price }));
  }
  return { ...measured, series: [...measured.series, ...imported] };
}
