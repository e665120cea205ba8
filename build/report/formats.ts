import { againstBaselines, comparedFigures } from "../bench/against.ts";
import type { Figures } from "../bench/figures.ts";
import { dollars, milliseconds } from "../bench/format.ts";
import { formatBytes } from "../output.ts";
import { shortAnswer } from "./answer.ts";
import { inputName } from "./charts/facet.ts";

const COLUMNS: readonly (readonly [string, (each: Figures) => string | number | undefined])[] = [
  ["function", ({ cell }) => cell.function],
  ["model", ({ cell }) => cell.model],
  ["cell", ({ name }) => name],
  ["os", ({ cell }) => cell.os],
  ["arch", ({ cell }) => cell.arch],
  ["quantization", ({ cell }) => cell.quantization],
  ["baseline", ({ cell }) => cell.baseline],
  ["target", ({ target }) => target],
  ["memory_mb", ({ memoryMB }) => memoryMB],
  ["tokens", ({ input }) => input.tokens],
  ["batch", ({ input }) => input.batch],
  ["emulated", ({ emulated }) => String(emulated)],
  ["fault", ({ fault }) => fault],
  ["cold_p50_ms", ({ cold }) => cold?.p50.value],
  ["cold_p95_ms", ({ cold }) => cold?.p95.value],
  ["warm_p50_ms", ({ warm }) => warm?.p50.value],
  ["warm_p50_low_ms", ({ warm }) => warm?.p50.low],
  ["warm_p50_high_ms", ({ warm }) => warm?.p50.high],
  ["warm_p95_ms", ({ warm }) => warm?.p95?.value],
  ["warm_p99_ms", ({ warm }) => warm?.p99?.value],
  ["requests_per_second", ({ warm }) => warm?.throughput],
  ["callers", ({ warm }) => warm?.concurrent?.callers],
  ["requests_per_second_of_callers", ({ warm }) => warm?.concurrent?.throughput],
  ["peak_memory_mb", ({ peakMemoryMB }) => peakMemoryMB],
  ["packed_bytes", ({ sizes }) => sizes?.packed],
  ["unpacked_bytes", ({ sizes }) => sizes?.unpacked],
  ["shared_bytes", ({ sizes }) => sizes?.shared],
  ["accuracy_metric", ({ accuracy }) => accuracy?.metric],
  ["accuracy", ({ accuracy }) => accuracy?.value],
  ["usd_per_million_requests", ({ costs }) => costs?.perMillion.value],
  ["usd_per_cold_start", ({ costs }) => costs?.perColdStart],
  ["usd_per_million_tokens", ({ costs }) => costs?.perMillionTokens],
  ["measured_at", ({ measuredAt }) => measuredAt],
];

/** A text that a spreadsheet would take for a formula, as the message of an error may be, is made one that it shows. */
const shownText = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

/** A field of RFC 4180: quoted where it has to be. */
function field(value: string | number | undefined): string {
  const text = typeof value === "number" ? String(Number(value.toPrecision(10))) : shownText(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A line for each cell, memory size and input, with every figure (RFC 4180). */
export const toCsv = (figures: readonly Figures[]): string =>
  [COLUMNS.map(([name]) => name), ...figures.map((each) => COLUMNS.map(([, value]) => field(value(each))))]
    .map((row) => `${row.join(",")}\r\n`)
    .join("");

/** A text that Markdown shows as it is: names of a file of results may be anybody's. */
const plain = (text: string): string => text.replace(/[\\`*[\]<>|]/g, "\\$&");

const HEADS = ["cell", "memory", "input", "cold p50", "p50", "p95", "packed", "accuracy", "$/million"];

/** The short answer, how it compares with the baselines, and a table, for a README or a pull request. */
export function toMarkdown(figures: readonly Figures[]): string {
  const row = (each: Figures): string[] => [
    `${each.name}${each.emulated ? " (emulated)" : ""}${each.fault === undefined ? "" : " (failed)"}`,
    `${each.memoryMB} MB`,
    inputName(each.input),
    each.cold ? milliseconds(each.cold.p50.value) : "",
    each.warm ? milliseconds(each.warm.p50.value) : "",
    each.warm?.p95 ? milliseconds(each.warm.p95.value) : "",
    each.sizes ? formatBytes(each.sizes.packed) : "",
    each.accuracy ? (each.accuracy.metric === "source" ? "source" : String(each.accuracy.value)) : "",
    each.costs ? dollars(each.costs.perMillion.value) : "",
  ];
  const line = (cells: readonly string[]) => `| ${cells.map(plain).join(" | ")} |`;
  const rule = `|${HEADS.map((_, index) => (index === 0 || index === 2 ? "---|" : "---:|")).join("")}`;
  const against = againstBaselines(comparedFigures(figures)).map((sentence) => `${plain(sentence)}\n\n`);
  return `**${plain(shortAnswer(figures))}**\n\n${against.join("")}${[line(HEADS), rule, ...figures.map((each) => line(row(each)))].join("\n")}\n`;
}
