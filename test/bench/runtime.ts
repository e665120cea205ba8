/**
 * The figures of the runtime: `make bench-runtime`, or `node test/bench/runtime.ts [--check] [--json]`. All sides run in
 * the same set-up with Lambda's limits for 1769 MB, by turns, so that what else the machine does hits all alike; medians.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { readLock } from "../../build/models/lockfile.ts";
import { readyModel } from "../../build/models/ready-model.ts";
import { loadSpec } from "../../build/models/specs.ts";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { type Figure, report } from "./figure.ts";
import { layersSize } from "./packed.ts";
import { BenchContainer } from "./runtime/container.ts";
import { UsualImage } from "./usual.ts";

const MODEL = "paraphrase-minilm-l3";
const ROUNDS = 21;
const NODE = "/usr/local/bin/node";
const MEASURE = "/bench/measure.mjs";
const FLOOR = "/bench/floor.mjs";

const say = (line: string) => process.stderr.write(`${line}\n`);

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
}

interface Start {
  readonly milliseconds: number;
  /** MB. */
  readonly peak: number;
  readonly numbers: number;
}
interface Warm {
  readonly short: number;
  readonly long: number;
}
interface Calls extends Warm {
  readonly batch: number;
  readonly alone: number;
}

/** What is started, and where: all of them answer with the vector of one sentence. */
function starters(ours: BenchContainer, usual: BenchContainer) {
  return {
    ours: () => ours.run<Start>([MEASURE, "start", NODE, "/var/task/index.mjs"]),
    floor: () => ours.run<Start>([MEASURE, "start", NODE, FLOOR], { MODEL }),
    usual: () => usual.run<Start>([MEASURE, "start", NODE, "/bench/usual.mjs"]),
  };
}

type Side = keyof ReturnType<typeof starters>;

async function measureStarts(ours: BenchContainer, usual: BenchContainer): Promise<Record<Side, Start[]>> {
  const starts: Record<Side, Start[]> = { ours: [], floor: [], usual: [] };
  const sides = Object.entries(starters(ours, usual)) as [Side, () => Promise<Start>][];
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [side, run] of sides) {
      const start = await run();
      if (start.numbers !== 384) throw new Error(`${side} answered with ${start.numbers} numbers`);
      if (round > 0) starts[side].push(start);
    }
    say(`start ${round} of ${ROUNDS}`);
  }
  return starts;
}

/** Calls of a warm process, and at the same pace its own work and the runs of a bare session, by turns. */
async function measureWarm(ours: BenchContainer): Promise<{ calls: Calls[]; inside: Warm[]; floor: Warm[] }> {
  const calls: Calls[] = [];
  const inside: Warm[] = [];
  const floor: Warm[] = [];
  for (let round = 0; round < 5; round++) {
    calls.push(await ours.run<Calls>([MEASURE, "calls", NODE, "/var/task/index.mjs"]));
    inside.push(
      await ours.run<Warm>([MEASURE, "inside", NODE, "/var/task/index.mjs"], {
        MKIMAGE_ALLOW_SERVER_FACTS: "true",
      }),
    );
    floor.push(await ours.run<Warm>([MEASURE, "inside", NODE, FLOOR], { WARM: "1", MODEL }));
    say(`warm ${round + 1} of 5`);
  }
  return { calls, inside, floor };
}

async function packedSize(mkimage: (...args: string[]) => Promise<string>): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "mkimage-bench-runtime-"));
  try {
    return await layersSize(await mkimage("--output", `oci=${folder}`));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(): Promise<Figure[]> {
  const cell = ["build", "--os", "debian", "--arch", "amd64"];
  const mkimage = async (...args: string[]) => {
    const cli = join(TOOL_ROOT, "build/cli.ts");
    const { stdout } = await execa(process.execPath, [cli, ...cell, ...args], { cwd: TOOL_ROOT });
    return stdout.trim();
  };
  const { signal } = new AbortController();
  const own = { spec: await loadSpec(TOOL_ROOT, MODEL), lock: await readLock(TOOL_ROOT) };
  const { dir } = await readyModel(MODEL, own, { project: TOOL_ROOT, signal, log: say });
  const usualImage = new UsualImage("amd64", dir, "mkimage-bench-usual:runtime");
  say("building both images");
  const ours = await BenchContainer.start(await mkimage());
  await usualImage.build();
  const usual = await BenchContainer.start(usualImage.reference);
  try {
    const starts = await measureStarts(ours, usual);
    const warm = await measureWarm(ours);
    return figures({ starts, warm, packed: [await packedSize(mkimage), await usualImage.packedSize()] });
  } finally {
    await ours.remove();
    await usual.remove();
    await usualImage.remove();
  }
}

interface Measured {
  readonly starts: Record<Side, Start[]>;
  readonly warm: { readonly calls: Calls[]; readonly inside: Warm[]; readonly floor: Warm[] };
  /** Bytes, ours and theirs. */
  readonly packed: readonly [number, number];
}

function figures({ starts, warm, packed }: Measured): Figure[] {
  const time = (side: Side) => median(starts[side].map(({ milliseconds }) => milliseconds));
  const peak = (side: Side) => median(starts[side].map((start) => start.peak));
  const call = (kind: keyof Calls) => median(warm.calls.map((calls) => calls[kind]));
  const work = (kind: keyof Warm) => median(warm.inside.map((runs) => runs[kind]));
  const run = (kind: keyof Warm) => median(warm.floor.map((runs) => runs[kind]));
  const usual = "transformers.js, the usual way";
  const session = "the session alone";
  say(
    `warm call with its way through the Runtime API: ${call("short").toFixed(2)} and ${call("long").toFixed(2)} ms`,
  );
  return [
    {
      name: "process start → first answer",
      against: usual,
      ours: time("ours"),
      theirs: time("usual"),
      unit: "ms",
      goal: 0.28,
    },
    {
      name: "peak memory",
      against: usual,
      ours: peak("ours"),
      theirs: peak("usual"),
      unit: "MB",
      goal: 0.45,
    },
    {
      name: "image, packed",
      against: usual,
      ours: packed[0] / 1e6,
      theirs: packed[1] / 1e6,
      unit: "MB",
      goal: 0.4,
    },
    {
      name: "warm, 12 tokens",
      against: session,
      ours: work("short"),
      theirs: run("short"),
      unit: "ms",
      goal: 1.1,
    },
    {
      name: "warm, 128 tokens",
      against: session,
      ours: work("long"),
      theirs: run("long"),
      unit: "ms",
      goal: 1.1,
    },
    {
      name: "process start → first answer",
      against: "Node and a session by hand",
      ours: time("ours"),
      theirs: time("floor"),
      unit: "ms",
      goal: 1.25,
    },
    {
      name: "a sentence in a batch of 32",
      against: "a call each",
      ours: call("batch") / 32,
      theirs: call("alone"),
      unit: "ms",
      goal: 0.5,
    },
  ];
}

report(await measure());
