import { join, resolve } from "node:path";
import type { Argv } from "yargs";
import { type Figures, isInput, usualInput } from "../bench/figures.ts";
import { parseRate, parseShare } from "../bench/wishes.ts";
import { openInBrowser } from "../clients/browser.ts";
import { type FiguresArgs, figuresOptions, loadFigures, type Measured } from "../command-line/figures.ts";
import { withImported } from "../command-line/imported.ts";
import { UserError } from "../errors.ts";
import { writeAtomic } from "../files/atomic.ts";
import { systemFault } from "../files/system-fault.ts";
import { formatBytes, print, say } from "../output.ts";
import { toCsv, toMarkdown } from "../report/formats.ts";
import { LARGE, renderReport } from "../report/page.ts";
import { toPowerTuning } from "../report/power-tuning.ts";

const FORMATS = ["html", "json", "csv", "md", "power-tuning"] as const;
type Format = (typeof FORMATS)[number];

/** Where a page is written, in the project's folder. */
const PAGE = "bench/report.html";

export const builder = (yargs: Argv) =>
  figuresOptions(yargs)
    .option("format", {
      choices: FORMATS,
      default: "html",
      requiresArg: true,
      description:
        "A page, all figures as JSON or CSV, a table, or one cell as aws-lambda-power-tuning gives it",
    })
    .option("output", {
      string: true,
      requiresArg: true,
      description: `File to write [default: ${PAGE}, or stdout for other formats]`,
    })
    .option("json", {
      boolean: true,
      default: false,
      description: "Print one JSON document on stdout: as --format json",
    })
    .option("open", { boolean: true, default: false, description: "Open the page in a browser" })
    .option("import", {
      array: true,
      string: true,
      requiresArg: true,
      description: "Outputs of aws-lambda-power-tuning, as rows beside the results",
    })
    .option("rate", {
      string: true,
      requiresArg: true,
      default: "1000000/month",
      description: "How often the function is called, for the ways to pay: 50/s, 200000/day, 6000000/month",
    })
    .option("cold-share", {
      string: true,
      requiresArg: true,
      default: "1%",
      description: "The share of requests that start an environment",
    })
    .example("$0 report --open", "the page of everything that was measured")
    .example("$0 report --results arm64.jsonl --results amd64.jsonl", "of two machines")
    .example("$0 report --arch arm64 --import tuned.json", "beside what aws-lambda-power-tuning has measured")
    .example("$0 report --format md --arch arm64", "a table for a README");

interface ReportArgs extends FiguresArgs {
  format: Format;
  output?: string;
  json: boolean;
  open: boolean;
  import?: string[];
  rate: string;
  coldShare: string;
}

/** The one function of the results: cells of several cannot be compared. @throws UserError (exit 2) for several */
function requireOneFunction(figures: readonly Figures[]): void {
  const functions = [...new Set(figures.map(({ cell }) => cell.function))];
  if (functions.length < 2) return;
  throw new UserError(`A report is of one function, and the results have ${functions.length}`, {
    hint: `Choose it with --function: ${functions.join(", ")}`,
  });
}

/** Of an input that most cells have: the format has no place for others. */
function ofUsualInput(figures: readonly Figures[]): Figures[] {
  const input = usualInput(figures);
  return input ? figures.filter((each) => isInput(each, input)) : [];
}

function write({ series, region, price }: Measured, args: Omit<ReportArgs, "json">): string {
  const figures = series.map(({ latest }) => latest);
  switch (args.format) {
    case "json":
      return `${JSON.stringify({ region, cells: series.map(({ latest, history }) => ({ ...latest, history })) }, null, 2)}\n`;
    case "csv":
      return toCsv(figures);
    case "md":
      requireOneFunction(figures);
      return toMarkdown(figures);
    case "power-tuning":
      requireOneFunction(figures);
      return `${JSON.stringify(toPowerTuning(ofUsualInput(figures), price), null, 2)}\n`;
    case "html": {
      requireOneFunction(figures);
      const load = { rate: parseRate(args.rate), coldShare: parseShare("cold-share", args.coldShare) };
      return renderReport({ series, region, price, load });
    }
  }
}

export async function handler({ json, ...given }: ReportArgs): Promise<void> {
  if (json && !["html", "json"].includes(given.format)) {
    throw new UserError(`--json and --format ${given.format} are two formats`, { hint: "Give one of them." });
  }
  const args: Omit<ReportArgs, "json"> = json ? { ...given, format: "json" } : given;
  if (args.open && args.format !== "html") {
    throw new UserError("--open is for the page alone", { hint: "Leave out --open, or --format." });
  }
  const measured = await withImported(await loadFigures(args), args.import);
  const text = write(measured, args);
  const output = args.output ?? (args.format === "html" ? join(measured.project, PAGE) : undefined);
  if (output === undefined) return print(text);
  const path = resolve(output);
  await writeAtomic(path, text).catch((cause: NodeJS.ErrnoException) => {
    throw new UserError(`Cannot write ${path}: ${systemFault(cause)}`, {
      hint: "Name another file with --output.",
      cause,
    });
  });
  const bytes = Buffer.byteLength(text);
  if (args.format === "html" && bytes > LARGE) {
    say(`The page has ${formatBytes(bytes)}: choose some of the cells with --os, --arch or --quantization.`);
  }
  print(path);
  if (args.open && !(await openInBrowser(path))) {
    say(`There is no program that opens pages here: open ${path} in a browser.`);
  }
}
