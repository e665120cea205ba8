/**
 * What it saves to leave out of `docker load` the layers that the engine has: `node test/bench/load.ts [--json]`.
 * The cells are built, then rebuilt after a change in runtime/, in turn with the records of the engine's layers and
 * without them; without a record everything is sent. Both sides are the whole `mkimage build`.
 */

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { report, seconds } from "./figure.ts";
import { makeFreshCopy } from "./fresh-copy.ts";

const ROUNDS = 3;

const median = (numbers: readonly number[]) =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] as number;

const copy = await makeFreshCopy();
try {
  const rebuild = async (isKnown: boolean) => {
    if (!isKnown) await rm(join(copy.folder, "cache", "images"), { recursive: true, force: true });
    await copy.changeRuntime();
    const time = await seconds(() => copy.mkimage("build"));
    process.stderr.write(`${isKnown ? "partial" : "whole"} load: ${time.toFixed(1)} s\n`);
    return time;
  };
  process.stderr.write(`first build: ${(await seconds(() => copy.mkimage("build"))).toFixed(1)} s\n`);
  await rebuild(true);
  const [partial, whole]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    partial.push(await rebuild(true));
    whole.push(await rebuild(false));
  }
  report([
    {
      name: "the eight cells after a change in runtime/, partial load",
      against: "whole load",
      ours: median(partial),
      theirs: median(whole),
      unit: "s",
      goal: 0.85,
    },
  ]);
} finally {
  await copy.remove();
}
