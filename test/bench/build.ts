/**
 * The figures of the build: `make bench-build`, or `node test/bench/build.ts [--check] [--json] [--keep-cache]`.
 * Both sides are measured in one run, one after the other, on the user's current builder. Every step runs again
 * (`--no-cache`), packages are downloaded again, and the engine has none of the layers; what both sides have beforehand
 * are the base images, pulled and unpacked, and the model's files. A build ends when its images are in the engine's
 * store. At the end, what came into the builder's cache meanwhile is removed, unless --keep-cache.
 */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { ARCHES, type Arch, names } from "../../build/catalog.ts";
import { readLock } from "../../build/models/lockfile.ts";
import { readyModel } from "../../build/models/ready-model.ts";
import { loadSpec } from "../../build/models/specs.ts";
import { compareVector } from "../../build/smoke/checks/feature-extraction.ts";
import { toleranceOf } from "../../build/smoke/tolerance.ts";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { MODEL } from "../support/project.ts";
import { pullBases, withCleanCache } from "./builder.ts";
import { describeFigure, type Figure, isMet, ratioOf, seconds } from "./figure.ts";
import { type FreshCopy, makeFreshCopy } from "./fresh-copy.ts";
import { layersSize } from "./packed.ts";
import { UsualImage } from "./usual.ts";

const USUAL_PER_ARCH = 4;

const say = (line: string) => process.stderr.write(`${line}\n`);
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
const mean = (numbers: readonly number[]) => sum(numbers) / numbers.length;

interface Usual {
  /** Seconds of each build. */
  readonly times: Record<Arch, number[]>;
  /** Bytes, packed. */
  readonly packed: Record<Arch, number>;
}

/** Eight Dockerfiles as people write them, one after another. */
async function measureUsual(): Promise<Usual> {
  const own = { spec: await loadSpec(TOOL_ROOT, MODEL), lock: await readLock(TOOL_ROOT) };
  const { signal } = new AbortController();
  const { dir, spec } = await readyModel(MODEL, own, { project: TOOL_ROOT, signal, log: say });
  const usual: Usual = { times: { arm64: [], amd64: [] }, packed: { arm64: 0, amd64: 0 } };
  for (const arch of names(ARCHES)) {
    for (let index = 0; index < USUAL_PER_ARCH; index++) {
      const image = new UsualImage(arch, dir, `mkimage-bench-usual:${arch}-${index}`);
      const time = await seconds(() => image.build());
      say(`usual Dockerfile ${index + 1} for ${arch}: ${time.toFixed(1)} s`);
      usual.times[arch].push(time);
      if (index === 0) {
        const [sample] = spec.samples;
        const answer = await image.answer(String(sample?.inputs));
        compareVector(
          answer as number[],
          sample?.expected as number[],
          toleranceOf(spec, { arch, quantization: "fp32" }),
        );
        usual.packed[arch] = await image.packedSize();
      }
      await image.remove();
    }
  }
  return usual;
}

/** Runs with a copy that shares nothing with what was built before. */
async function withFreshCopy<T>(use: (copy: FreshCopy) => Promise<T>): Promise<T> {
  const copy = await makeFreshCopy();
  try {
    return await use(copy);
  } finally {
    await copy.remove();
  }
}

const measureOne = () =>
  withFreshCopy(async (copy) => {
    const cell = ["--os", "alpine", "--arch", "arm64"];
    const time = await seconds(() => copy.mkimage("build", "--no-cache", ...cell));
    await copy.mkimage("test", ...cell);
    return time;
  });

interface Matrix {
  /** Seconds. */
  readonly fromNothing: number;
  readonly afterChange: number;
  /** Bytes by architecture, the largest of its images. */
  readonly packed: Record<Arch, number>;
}

const measureMatrix = () =>
  withFreshCopy(async (copy): Promise<Matrix> => {
    const fromNothing = await seconds(() => copy.mkimage("build", "--no-cache"));
    await copy.changeRuntime();
    const afterChange = await seconds(() => copy.mkimage("build"));
    await copy.mkimage("test", "--arch", "amd64");
    const layouts = join(copy.folder, "layouts");
    const built = await copy.mkimage("build", "--output", `oci=${layouts}`);
    const packed: Record<Arch, number> = { arm64: 0, amd64: 0 };
    for (const layout of built.split("\n")) {
      const arch = names(ARCHES).find((name) => layout.endsWith(`-${name}`)) as Arch;
      packed[arch] = Math.max(packed[arch], await layersSize(layout));
    }
    return { fromNothing, afterChange, packed };
  });

async function measure(): Promise<Figure[]> {
  say("pulling the base images");
  await pullBases(join(TOOL_ROOT, "mkimage.json"));
  const one = await measureOne();
  say(`one arm64 cell: ${one.toFixed(1)} s`);
  const matrix = await measureMatrix();
  say(`eight cells: ${matrix.fromNothing.toFixed(1)} s, after a change: ${matrix.afterChange.toFixed(1)} s`);
  const usual = await measureUsual();
  const [worst] = names(ARCHES).toSorted(
    (a, b) => matrix.packed[b] / usual.packed[b] - matrix.packed[a] / usual.packed[a],
  );
  return [
    {
      name: "one arm64 cell",
      against: "the usual Dockerfile under QEMU",
      ours: one,
      theirs: mean(usual.times.arm64),
      unit: "s",
      goal: 0.15,
    },
    {
      name: "the eight cells",
      against: "eight usual Dockerfiles, one after another",
      ours: matrix.fromNothing,
      theirs: sum(Object.values(usual.times).flat()),
      unit: "s",
      goal: 0.08,
    },
    {
      name: "the eight cells after a change in runtime/",
      against: "from nothing",
      ours: matrix.afterChange,
      theirs: matrix.fromNothing,
      unit: "s",
      goal: 0.15,
    },
    {
      name: `the largest ${worst} cell, packed`,
      against: "the usual image",
      ours: matrix.packed[worst as Arch] / 1e6,
      theirs: usual.packed[worst as Arch] / 1e6,
      unit: "MB",
      goal: 0.4,
    },
  ];
}

const flag = { type: "boolean", default: false } as const;
const { values } = parseArgs({ options: { check: flag, json: flag, "keep-cache": flag } });
const figures = await (values["keep-cache"] ? measure() : withCleanCache(measure));
const rows = figures.map((figure) => ({ ...figure, ratio: ratioOf(figure), met: isMet(figure) }));
process.stdout.write(
  `${values.json ? JSON.stringify(rows, null, 2) : figures.map(describeFigure).join("\n")}\n`,
);
if (values.check && !figures.every(isMet)) process.exitCode = 1;
