import type { Arch, Os, Quantization } from "../catalog.ts";
import type { ConfigFlags } from "../config/config.ts";

interface Cell {
  readonly function: string;
  readonly os: Os;
  readonly arch: Arch;
  readonly quantization: Quantization;
}

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** The command line that builds one image as a command was told to find it. Pure. */
export function buildCommand(
  { config, model, repository, base, rie, imageVersion }: ConfigFlags,
  { function: owner, os, arch, quantization }: Cell,
): string {
  const options = Object.entries({
    config,
    function: owner,
    os,
    arch,
    quantization,
    model,
    repository,
    base: base?.join(","),
    "image-version": imageVersion,
  });
  const words = options.flatMap(([name, value]) => (value ? [`--${name}`, quoted(value)] : []));
  return ["mkimage build", ...words, ...(rie === undefined ? [] : [rie ? "--rie" : "--no-rie"])].join(" ");
}
