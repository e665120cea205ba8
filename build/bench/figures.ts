import { durationCost, gigabytes, requestCost, type Size } from "./prices/costs.ts";
import type { Price } from "./prices/prices.ts";
import type { Result } from "./results.ts";
import { ascending, type Estimate, estimateMean, estimateQuantiles, mean, quantile } from "./statistics.ts";

/** What a cell costs in dollars; requests and tokens are those of a warm environment. */
export interface Costs {
  readonly perMillion: Estimate;
  /** Of a request that starts an environment: its INIT, its answer and the request fee. */
  readonly perColdStart?: number;
  readonly perMillionTokens: number;
}

/** What results say of one cell, memory size and input. Times are milliseconds, sizes bytes. */
export interface Figures {
  /** The same for every measurement of the same thing. */
  readonly key: string;
  /** "alpine-arm64 int8", or of a baseline "python amd64". */
  readonly name: string;
  readonly target: Result["run"]["target"];
  readonly machine: Result["run"]["machine"];
  readonly runId: string;
  readonly measuredAt: string;
  readonly cell: Result["cell"];
  readonly memoryMB: number;
  /** Of /tmp, where the project asks for more than Lambda's 512. */
  readonly storageMB?: number;
  readonly input: Result["input"];
  readonly emulated: boolean;
  /** Why there are no figures. */
  readonly fault?: string;
  readonly cold?: {
    readonly p50: Estimate;
    readonly p95: Estimate;
    readonly count: number;
    readonly steps: NonNullable<Result["cold"]>["steps"];
  };
  readonly warm?: {
    readonly p50: Estimate;
    /** Unknown of what another tool has measured, as is `count`. */
    readonly p95?: Estimate;
    readonly p99?: Estimate;
    readonly count?: number;
    /** Requests per second, one at a time. */
    readonly throughput: number;
    /** Requests per second of several callers at a time, where that was measured in Lambda. */
    readonly concurrent?: NonNullable<Result["warm"]>["concurrent"];
  };
  readonly peakMemoryMB?: number;
  readonly sizes?: NonNullable<Result["sizes"]>;
  /** As the gate measured it against the source; the source itself has 1 and the metric "source". */
  readonly accuracy?: NonNullable<Result["accuracy"]>;
  readonly costs?: Costs;
}

/** Formats in which the source's own weights are: there is nothing to compare them with. */
export const SOURCES: ReadonlySet<string> = new Set(["fp32", "prequantized"]);

/** What people call a measured cell: "alpine-arm64 int8"; of a baseline "python amd64", or "session amd64 int8". */
export function measuredName({ os, arch, quantization, baseline, snapStart }: Result["cell"]): string {
  if (baseline === "session") return `${baseline} ${arch} ${quantization}`;
  return baseline ? `${baseline} ${arch}` : `${os}-${arch} ${quantization}${snapStart ? " SnapStart" : ""}`;
}

/** What tells measurements apart. */
export interface Keyed extends Pick<Result, "cell" | "memoryMB" | "input"> {
  readonly run: Pick<Result["run"], "target">;
}

/** Names what a line measures: lines with the same key can be compared. */
export const keyOf = ({ run, cell, memoryMB, input }: Keyed): string =>
  [
    run.target,
    cell.function,
    cell.model,
    measuredName(cell),
    cell.baseline ? cell.quantization : "",
    memoryMB,
    `${input.tokens}x${input.batch}`,
  ].join(" ");

/** Milliseconds that Lambda bills of each cold start; lines that do not say it have the start of the container in their times. */
const billedStarts = ({ total, steps, billed }: NonNullable<Result["cold"]>): readonly number[] =>
  billed?.length ? billed : total.map((value) => Math.max(0, value - (steps.container ?? 0)));

function costsOf(result: Result, price: Price, storageMB?: number): Costs | undefined {
  const { warm, cold, input, memoryMB, cell } = result;
  if (!warm?.samples.length) return undefined;
  const size: Size = { memoryMB, storageMB };
  const each = estimateMean(
    warm.samples.map((time) => requestCost(price, size, time)),
    { rounds: warm.rounds },
  );
  const restore = cell.snapStart ? (price.snapStart?.restoreGb ?? 0) * gigabytes(memoryMB) : 0;
  const million = ({ value, low, high }: Estimate) => ({
    value: value * 1e6,
    low: low * 1e6,
    high: high * 1e6,
  });
  return {
    perMillion: million(each),
    perMillionTokens: (each.value * 1e6) / Math.max(1, input.tokens * input.batch),
    ...(cold?.total.length && {
      perColdStart:
        price.request + mean(billedStarts(cold).map((time) => durationCost(price, size, time))) + restore,
    }),
  };
}

function warmOf({ samples, rounds, throughput, concurrent }: NonNullable<Result["warm"]>): Figures["warm"] {
  const [p50, p95, p99] = estimateQuantiles(samples, [0.5, 0.95, 0.99], { rounds }) as [
    Estimate,
    Estimate,
    Estimate,
  ];
  return { p50, p95, p99, count: samples.length, throughput, ...(concurrent && { concurrent }) };
}

function coldOf({ total, rounds, steps }: NonNullable<Result["cold"]>): Figures["cold"] {
  const [p50, p95] = estimateQuantiles(total, [0.5, 0.95], { rounds }) as [Estimate, Estimate];
  return { p50, p95, count: total.length, steps };
}

export interface FigureOptions {
  readonly priceOf: (arch: Result["cell"]["arch"]) => Price;
  /** MB of /tmp of a function, where the project says how many. */
  readonly storageOf?: (functionName: string) => number | undefined;
}

/** The figures of one line. An emulated cell has sizes and correctness alone, whatever the line has. */
function figuresOf(result: Result, { priceOf, storageOf }: FigureOptions): Figures {
  const { run, cell, cold, warm, emulated, status, fault } = result;
  const storageMB = storageOf?.(cell.function);
  const isTimed = !emulated && status === "measured";
  const costs = isTimed && costsOf(result, priceOf(cell.arch), storageMB);
  const isSource = SOURCES.has(cell.quantization) && !cell.baseline;
  const accuracy = result.accuracy ?? (isSource ? { metric: "source", value: 1 } : undefined);
  return {
    key: keyOf(result),
    name: measuredName(cell),
    target: run.target,
    machine: run.machine,
    runId: run.id,
    measuredAt: result.measuredAt,
    cell,
    memoryMB: result.memoryMB,
    ...(storageMB !== undefined && { storageMB }),
    input: result.input,
    emulated,
    ...(status === "failed" && { fault: fault ?? "it failed" }),
    ...(isTimed && cold?.total.length && { cold: coldOf(cold) as NonNullable<Figures["cold"]> }),
    ...(isTimed && warm?.samples.length && { warm: warmOf(warm) as NonNullable<Figures["warm"]> }),
    ...(result.peakMemoryMB !== undefined && !emulated && { peakMemoryMB: result.peakMemoryMB }),
    ...(result.sizes && { sizes: result.sizes }),
    ...(accuracy && { accuracy }),
    ...(costs && { costs }),
  };
}

/** What one run measured, without intervals. */
export interface HistoryPoint {
  readonly runId: string;
  readonly measuredAt: string;
  readonly p50?: number;
  readonly p95?: number;
  readonly coldP50?: number;
}

/** A cell, memory size and input: the newest measurement counts. */
export interface Series {
  readonly latest: Figures;
  /** Every measurement with times, from the oldest to the newest. */
  readonly history: readonly HistoryPoint[];
}

function historyPoint({ run, measuredAt, warm, cold }: Result): HistoryPoint {
  const times = warm?.samples.length ? ascending(warm.samples) : undefined;
  const starts = cold?.total.length ? ascending(cold.total) : undefined;
  return {
    runId: run.id,
    measuredAt,
    ...(times && { p50: quantile(times, 0.5), p95: quantile(times, 0.95) }),
    ...(starts && { coldP50: quantile(starts, 0.5) }),
  };
}

/**
 * Results as figures, grouped by what was measured, in the order in which that came first. What a machine has emulated counts
 * only where no other one has measured it. Pure.
 */
export function seriesOf(results: readonly Result[], options: FigureOptions): Series[] {
  const groups = Map.groupBy(results, keyOf);
  return [...groups.values()].map((group) => {
    const ordered = group.toSorted((a, b) => Date.parse(a.measuredAt) - Date.parse(b.measuredAt));
    const native = ordered.filter(({ emulated }) => !emulated);
    const timed = native.filter(({ status }) => status === "measured");
    return {
      latest: figuresOf((native.at(-1) ?? ordered.at(-1)) as Result, options),
      history: timed.map(historyPoint),
    };
  });
}

/** The input that most of the figures have; of several the smallest. */
export function usualInput(figures: readonly Figures[]): Result["input"] | undefined {
  const groups = Map.groupBy(figures, ({ input }) => `${input.batch} ${input.tokens}`);
  const counted = [...groups.values()].map(([first, ...others]) => ({
    input: (first as Figures).input,
    count: others.length,
  }));
  const [usual] = counted.sort(
    (a, b) => b.count - a.count || a.input.batch - b.input.batch || a.input.tokens - b.input.tokens,
  );
  return usual?.input;
}

export const isInput = (figures: Figures, { tokens, batch }: Result["input"]): boolean =>
  figures.input.tokens === tokens && figures.input.batch === batch;
