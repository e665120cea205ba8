/**
 * What a large vocabulary costs at start: `make bench-tokenizer`, or `node test/bench/tokenizer.ts [--check] [--json]`. The
 * program with the 250,002 pieces of multilingual-e5 and a graph of one operator, against the tokenizer that was in the
 * image before, alone; both with Lambda's limits for 512 MB, by turns; medians.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { tinyOnnx } from "../support/tiny-onnx.ts";
import { type Figure, report } from "./figure.ts";
import { BenchContainer } from "./runtime/container.ts";

const ROUNDS = 7;
const NODE = "/usr/local/bin/node";
const MEMORY = 512;

interface Start {
  readonly milliseconds: number;
  /** MB. */
  readonly peak: number;
  readonly numbers: number;
}

const median = (numbers: readonly number[]) =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

const output = (script: string, ...args: string[]) =>
  execFileSync(join(TOOL_ROOT, script), args, { encoding: "utf8" }).trim();

/** A model as the image has it. */
function makeModel(folder: string): void {
  mkdirSync(folder, { recursive: true });
  cpSync(join(output("test/bench/e5/up"), "tokenizer.json"), join(folder, "tokenizer.json"));
  execFileSync(output("test/tokenizers/up", "stage"), [join(TOOL_ROOT, "test/tokenizers/split.py"), folder]);
  writeFileSync(join(folder, "model.onnx"), tinyOnnx());
  const manifest = {
    name: "e5",
    task: "feature-extraction",
    maxTokens: 512,
    pooling: "mean",
    normalize: false,
  };
  writeFileSync(join(folder, "mkimage.json"), JSON.stringify(manifest));
}

async function measure(models: string): Promise<Figure[]> {
  const cli = join(TOOL_ROOT, "build/cli.ts");
  const { stdout } = await execa(process.execPath, [cli, "build", "--os", "debian", "--arch", "amd64"], {
    cwd: TOOL_ROOT,
  });
  const former = join(TOOL_ROOT, "node_modules/@huggingface/tokenizers");
  const container = await BenchContainer.start(stdout.trim(), {
    memory: MEMORY,
    mounts: { "/models": models, "/former": former },
  });
  const run = (program: string) =>
    container.run<Start>(["/bench/measure.mjs", "start", NODE, program], {
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(MEMORY),
      MKIMAGE_MODELS_DIR: "/models",
      MKIMAGE_MODEL: "e5",
    });
  const sides: Record<"ours" | "theirs", Start[]> = { ours: [], theirs: [] };
  try {
    for (let round = 0; round <= ROUNDS; round++) {
      const [ours, theirs] = [await run("/var/task/index.mjs"), await run("/bench/former.mjs")];
      if (ours.numbers !== 1 || theirs.numbers < 10) throw new Error("a side has not answered");
      if (round === 0) continue;
      sides.ours.push(ours);
      sides.theirs.push(theirs);
    }
  } finally {
    await container.remove();
  }
  const of = (side: keyof typeof sides, what: "milliseconds" | "peak") =>
    median(sides[side].map((start) => start[what]));
  const against = "@huggingface/tokenizers";
  const [time, peak] = (["milliseconds", "peak"] as const).map((what) => ({
    ours: of("ours", what),
    theirs: of("theirs", what),
  })) as [Pick<Figure, "ours" | "theirs">, Pick<Figure, "ours" | "theirs">];
  return [
    { name: "start with 250,002 pieces, 512 MB", against, ...time, unit: "ms", goal: 0.35 },
    { name: "peak memory with 250,002 pieces, 512 MB", against, ...peak, unit: "MB", goal: 0.6 },
  ];
}

const models = mkdtempSync(join(tmpdir(), "mkimage-bench-tokenizer-"));
try {
  chmodSync(models, 0o755);
  makeModel(join(models, "e5"));
  report(await measure(models));
} finally {
  rmSync(models, { recursive: true, force: true });
}
