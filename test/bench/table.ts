/**
 * The README's table of a real model: `make bench-table`, or `node test/bench/table.ts [--page FILE]`. Builds MiniLM-L3 for
 * every system and three number formats, measures it with three memory sizes beside its baselines in one run of
 * `mkimage bench`, and prints ratios to transformers.js with the same memory. `--page` also writes the run's report.
 * About half an hour on two cores that do nothing else.
 */
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { execa } from "execa";
import { RESULTS_FILE, type Result, readResults } from "../../build/bench/results.ts";
import { median } from "../../build/bench/statistics.ts";
import { type Arch, names, OSES } from "../../build/catalog.ts";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { thisCpu } from "./cpu.ts";

const MODEL = "paraphrase-minilm-l3";
const NATIVE: Arch = process.arch === "arm64" ? "arm64" : "amd64";
const FORMATS = ["fp32", "int8", "int4"];
const MEMORY = [512, 1024, 1769];
const YARDSTICK = "transformers.js";
const NOTHING = "–";

/**
 * What is compared: each a column of the table. Of warm calls it is the mean: with less than a core they are of two kinds, those
 * within the quota of the processor and those that wait for the next one, and a median is the time of either.
 */
const FIGURES: readonly (readonly [name: string, of: (result: Result) => number | undefined])[] = [
  ["cold p50", ({ cold }) => median(cold?.total)],
  ["warm call", ({ warm }) => warm && 1000 / warm.throughput],
];

const nameOf = ({ cell }: Result): string =>
  cell.baseline
    ? `${cell.baseline}${cell.baseline === "session" ? ` ${cell.quantization}` : ""}`
    : `${cell.os} ${cell.quantization}`;

/** Cells as the catalog has them, then the baselines. */
const orderOf = ({ cell }: Result): number =>
  (cell.baseline ? 100 : 0) +
  names(OSES).indexOf(cell.os as keyof typeof OSES) * 10 +
  FORMATS.indexOf(cell.quantization);

const ratio = (value: number | undefined, to: number | undefined): string =>
  value === undefined || to === undefined ? NOTHING : `${(value / to).toFixed(2)} ×`;

/** A row for each cell and baseline: packed size, and for each memory size the figures, as ratios to the yardstick. */
function toTable(results: readonly Result[]): string {
  const rows = Map.groupBy(
    results.toSorted((a, b) => orderOf(a) - orderOf(b)),
    nameOf,
  );
  const find = (name: string, memory: number) => rows.get(name)?.find(({ memoryMB }) => memoryMB === memory);
  const packed = (name: string) => rows.get(name)?.[0]?.sizes?.packed;
  const columns = FIGURES.flatMap(([figure, of]) =>
    MEMORY.map((memory) => ({
      head: `${figure}, ${memory} MB`,
      cell: (name: string) => {
        const [ours, theirs] = [find(name, memory), find(YARDSTICK, memory)];
        return ratio(ours && of(ours), theirs && of(theirs));
      },
    })),
  );
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(["", "packed", ...columns.map(({ head }) => head)]),
    line(["---", "--:", ...columns.map(() => "--:")]),
    ...[...rows.keys()].map((name) =>
      line([name, ratio(packed(name), packed(YARDSTICK)), ...columns.map(({ cell }) => cell(name))]),
    ),
  ].join("\n");
}

const { values } = parseArgs({ options: { page: { type: "string" } } });
const folder = await mkdtemp(join(tmpdir(), "mkimage-bench-table-"));
const mkimage = (...args: string[]) =>
  execa(process.execPath, [join(TOOL_ROOT, "build/cli.ts"), ...args], {
    cwd: folder,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "inherit",
  });
try {
  await cp(join(TOOL_ROOT, "models"), join(folder, "models"), { recursive: true });
  const config = { functions: { embed: { model: MODEL } }, repository: "mkimage-bench-table/<function>" };
  await writeFile(join(folder, "mkimage.json"), JSON.stringify(config));
  const cells = ["--os", names(OSES).join(","), "--arch", NATIVE, "--quantization", FORMATS.join(",")];
  await mkimage("build", ...cells);
  const sizes = ["--memory", MEMORY.join(","), "--baseline", "transformers.js,python,session"];
  await mkimage("bench", ...cells, ...sizes, "--max-time", "540");
  const results = await readResults(join(folder, RESULTS_FILE));
  const failed = results.find(({ status }) => status === "failed");
  if (failed) throw new Error(`${nameOf(failed)} with ${failed.memoryMB} MB: ${failed.fault}`);
  const { cpu, cores } = results[0]?.run.machine ?? {};
  process.stderr.write(`${cpu}, ${cores} cores (${await thisCpu()}); ${YARDSTICK} is 1.00\n`);
  process.stdout.write(`${toTable(results)}\n`);
  if (values.page) await mkimage("report", "--output", resolve(values.page));
} finally {
  const { stdout } = await execa("docker", ["images", "--quiet", "mkimage-bench-table/embed"]);
  for (const id of new Set(stdout.split("\n").filter(Boolean))) await execa("docker", ["rmi", "--force", id]);
  await rm(folder, { recursive: true, force: true });
}
