import type { Result } from "../../build/bench/results.ts";
import { ARCHES, type Arch, names, OSES } from "../../build/catalog.ts";

/** Numbers from 0 up to 1 that are the same for the same seed (xorshift32). */
function randomOf(seed: number): () => number {
  let state = seed || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

export interface MadeOptions {
  readonly seed?: number;
  readonly os?: readonly string[];
  readonly arch?: readonly Arch[];
  readonly quantization?: readonly string[];
  readonly memory?: readonly number[];
  readonly inputs?: readonly { tokens: number; batch: number }[];
  readonly baselines?: readonly string[];
  /** Architectures without times. */
  readonly emulated?: readonly Arch[];
  /** Warm samples of each cell. */
  readonly samples?: number;
  /** Runs, a day apart. */
  readonly runs?: number;
  readonly function?: string;
  readonly region?: string;
}

/** How much slower than the fastest, and how accurate and large each number format is made. */
const FORMATS: Readonly<Record<string, { time: number; accuracy?: number; bytes: number }>> = {
  fp32: { time: 1, bytes: 90e6 },
  int8: { time: 0.6, accuracy: 0.988, bytes: 23e6 },
  int4: { time: 1.4, accuracy: 0.951, bytes: 16e6 },
};
const SYSTEMS: Readonly<Record<string, { time: number; bytes: number }>> = {
  amazonlinux: { time: 1.05, bytes: 120e6 },
  debian: { time: 1.02, bytes: 100e6 },
  ubuntu: { time: 1.03, bytes: 102e6 },
  alpine: { time: 1, bytes: 74e6 },
};

/** Results as a run would write them: the same ones for the same options. */
export function makeResults(options: MadeOptions = {}): Result[] {
  const {
    seed = 7,
    os = names(OSES),
    arch = names(ARCHES),
    quantization = ["fp32", "int8", "int4"],
    memory = [1024, 1769],
    inputs = [{ tokens: 16, batch: 1 }],
    baselines = [],
    emulated = [],
    samples = 60,
    runs = 1,
    region,
  } = options;
  const random = randomOf(seed);
  const noisy = (value: number): number =>
    Number((value * (1 + 0.08 * random() + (random() > 0.96 ? 0.6 : 0))).toFixed(3));
  const many = (count: number, value: number) => Array.from({ length: count }, () => noisy(value));
  const at = (run: number) => new Date(Date.UTC(2026, 10, 20 + run, 8)).toISOString();

  const line = (
    run: number,
    cell: Result["cell"],
    memoryMB: number,
    input: Result["input"],
    slow = 1,
  ): Result => {
    const format = FORMATS[cell.quantization] ?? { time: 1, bytes: 90e6 };
    const system = SYSTEMS[cell.os] ?? { time: 1, bytes: 300e6 };
    const isEmulated = emulated.includes(cell.arch);
    const cpu = Math.min(1, memoryMB / 1769);
    const base = (4.2 * format.time * system.time * slow * (cell.arch === "arm64" ? 1.12 : 1)) / cpu;
    const warm = base * (0.35 + (0.65 * input.tokens) / 16) * (0.25 + 0.75 * input.batch);
    const steps = {
      container: noisy(120),
      node: noisy(48 / cpu),
      session: noisy((90 * slow * format.bytes) / 90e6 / cpu),
      tokenizer: noisy(22 / cpu),
      firstAnswer: noisy(warm * 2),
    };
    const total = Object.values(steps).reduce((sum, value) => sum + value, 0);
    const packed = Math.round(system.bytes + format.bytes * 0.9);
    const times = many(samples, warm);
    return {
      version: 1,
      run: {
        id: `${region ? "lambda" : "run"}-${run}`,
        startedAt: at(run),
        target: region ? "lambda" : "local",
        machine: { cpu: "AMD EPYC 7R13", arch: cell.arch, features: ["avx2"], cores: 2, memoryMB: 8192 },
        ...(region ? { region } : { engine: { name: "docker", version: "29.1.0" } }),
        mkimage: "0.1.0",
        lockDigest: `sha256:${"1".repeat(64)}`,
      },
      measuredAt: at(run),
      cell,
      memoryMB,
      input,
      emulated: isEmulated,
      status: "measured",
      ...(!isEmulated && {
        cold: { total: many(12, total), steps },
        warm: { samples: times, throughput: 1000 / (times.reduce((a, b) => a + b) / times.length) },
        peakMemoryMB: Math.round((packed / 1e6) * 0.8 + 90),
      }),
      sizes: { packed, unpacked: Math.round(packed * 2.6), shared: Math.round(packed * 0.4) },
      ...(format.accuracy && { accuracy: { metric: "cosine", value: format.accuracy } }),
    };
  };

  const lines: Result[] = [];
  for (let run = 0; run < runs; run++) {
    for (const memoryMB of memory) {
      for (const input of inputs) {
        const cellOf = (system: string, cpu: Arch, format: string): Result["cell"] => ({
          function: options.function ?? "embed",
          os: system,
          arch: cpu,
          model: "minilm",
          task: "feature-extraction",
          quantization: format,
          reference: `shop/embed:${system}-${cpu}-${format}`,
          configDigest: `sha256:${"2".repeat(64)}`,
        });
        for (const system of os)
          for (const cpu of arch)
            for (const format of quantization)
              lines.push(line(run, cellOf(system, cpu, format), memoryMB, input));
        for (const baseline of baselines)
          for (const cpu of arch)
            lines.push(line(run, { ...cellOf("debian", cpu, "fp32"), baseline }, memoryMB, input, 1.9));
      }
    }
  }
  return lines;
}

/** Results as the lines of a file. */
export const resultLines = (results: readonly Result[]): string =>
  results.map((each) => `${JSON.stringify(each)}\n`).join("");
