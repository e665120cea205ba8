import { type Baseline, baselineCells } from "../bench/baselines.ts";
import { type BenchCell, benchCells } from "../bench/cells.ts";
import { eventOf } from "../bench/inputs.ts";
import { machineFacts } from "../bench/machine.ts";
import type { Result } from "../bench/results.ts";
import { type BenchItem, type BenchOptions, runBench } from "../bench/run.ts";
import { connectDocker } from "../clients/docker.ts";
import { counted, say } from "../output.ts";
import { MB_PER_PROCESSOR } from "../smoke/limits.ts";
import { type Project, planBuilt, prepareModels } from "./prepare.ts";
import { packageSecrets } from "./run.ts";

/** The options of `mkimage bench` on this machine. */
export interface LocalBenchArgs {
  memory?: number[] | undefined;
  tokens?: number[] | undefined;
  batch?: number[] | undefined;
  baseline?: Baseline[] | undefined;
}

interface Given {
  readonly project: Project;
  readonly signal: AbortSignal;
}

/** What a run says of where it was measured. */
type Facts = Pick<Result["run"], "machine" | "engine">;

/** Every combination of cell, memory and input. */
async function itemsOf(cells: readonly BenchCell[], args: LocalBenchArgs): Promise<BenchItem[]> {
  const items: BenchItem[] = [];
  for (const cell of cells)
    for (const memory of args.memory ?? [cell.image.memory])
      for (const tokens of args.tokens ?? [undefined])
        for (const batch of args.batch ?? [1]) {
          const { event, input } = await eventOf(cell.variant, { tokens, batch });
          const grid = [
            ...(args.memory ? [`${memory} MB`] : []),
            ...(args.tokens ? [`${input.tokens} tokens`] : []),
            ...(args.batch ? [`batch ${batch}`] : []),
          ];
          items.push({ name: [cell.name, ...grid].join(" "), cell, memory, event, input });
        }
  return items;
}

/** Says from which memory on a machine has less processor than Lambda gives; nothing where it has enough. */
export function processorNote(memories: readonly number[], processors: number): string | undefined {
  const most = processors * MB_PER_PROCESSOR;
  if (memories.every((memory) => memory <= most)) return undefined;
  return `note: this machine has ${counted(processors, "processor")}, as Lambda gives with ${most} MB: what has more memory is slower here than there`;
}

/**
 * What there is to measure on this machine: the images that are built, and the baselines that were asked for.
 * @throws UserError (exit 2) where none is built, (exit 3) where no engine answers, and as `baselineCells` does
 */
export async function prepareLocalBench(args: LocalBenchArgs, { project, signal }: Given) {
  const images = await planBuilt(project, signal);
  const docker = await connectDocker();
  const { cells, missing } = await benchCells(docker, images);
  const [first] = missing;
  if (cells.length === 0 && first) throw first.error;
  for (const { error } of missing) say(`note: ${error.message}: not measured. ${error.hint ?? ""}`);
  const models = async () => (await prepareModels(project, { signal })).models;
  const beside = { docker, signal, secrets: packageSecrets(), models };
  const all = [...cells, ...(await baselineCells(args.baseline ?? [], cells, beside))];
  const items = await itemsOf(all, args);
  const { NCPU } = (await docker.info()) as { NCPU?: number };
  const timed = items.filter(({ cell }) => !cell.emulated).map(({ memory }) => memory);
  const note = NCPU && processorNote(timed, NCPU);
  if (note) say(note);
  return {
    items,
    hasEmulated: cells.some(({ emulated }) => emulated),
    async facts(): Promise<Facts> {
      const { ServerVersion, OperatingSystem } = (await docker.info()) as {
        ServerVersion: string;
        OperatingSystem: string;
      };
      return {
        machine: await machineFacts(),
        engine: { name: `Docker on ${OperatingSystem}`, version: ServerVersion },
      };
    },
    measure: (items: readonly BenchItem[], options: Omit<BenchOptions, "docker" | "cells">) =>
      runBench(items, { ...options, docker, cells: all }),
  };
}
