import type { ARCHES } from "../catalog.ts";
import type { Config } from "../config/config.ts";
import { chooseImages } from "../deploy/target.ts";
import type { Image } from "../plan/image.ts";

/** One cell of the matrix as a job: built and tested on a machine of its own architecture. */
export interface CellJob {
  readonly function: string;
  readonly os: Image["os"];
  readonly arch: Image["arch"];
  readonly quantization: Image["quantization"];
}

const toJob = ({ function: owner, os, arch, quantization }: CellJob): CellJob => ({
  function: owner,
  os,
  arch,
  quantization,
});

/** What CI does: every cell is tested, and of each function one is released. */
export interface Jobs {
  readonly test: readonly CellJob[];
  readonly release: readonly CellJob[];
}

/**
 * The jobs of a configuration. Pure.
 * @throws UserError (exit 2) for a function of which several cells could be released
 */
export function jobsOf(config: Config): Jobs {
  const cells = config.functions.flatMap(({ name }) =>
    config.quantization.flatMap((quantization) =>
      config.os.flatMap((os) => config.arch.map((arch) => ({ function: name, os, arch, quantization }))),
    ),
  );
  const images = cells.map((cell) => ({ ...cell, name: `${cell.os}-${cell.arch}` }));
  return { test: cells, release: chooseImages(images, config).map(toJob) };
}

/** A machine of each architecture: nothing is emulated, and times are those of the architecture. */
export const RUNNERS = {
  github: { arm64: "ubuntu-24.04-arm", amd64: "ubuntu-24.04" },
  gitlab: { arm64: "saas-linux-medium-arm64", amd64: "saas-linux-medium-amd64" },
} as const satisfies Record<string, Record<keyof typeof ARCHES, string>>;
