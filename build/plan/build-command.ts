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

/** A command line with these options; those without a value are left out. */
function commandLine(
  command: string,
  options: Readonly<Record<string, string | undefined>>,
  rie?: boolean,
): string {
  const words = Object.entries(options).flatMap(([name, value]) =>
    value ? [`--${name}`, quoted(value)] : [],
  );
  return [`mkimage ${command}`, ...words, ...(rie === undefined ? [] : [rie ? "--rie" : "--no-rie"])].join(
    " ",
  );
}

/** The command line that builds one image as a command was told to find it. Pure. */
export function buildCommand(
  { config, model, repository, base, rie, imageVersion }: ConfigFlags,
  { function: owner, os, arch, quantization }: Cell,
): string {
  const version = { "image-version": imageVersion };
  const options = {
    config,
    function: owner,
    os,
    arch,
    quantization,
    model,
    repository,
    base: base?.join(","),
    ...version,
  };
  return commandLine("build", options, rie);
}

/** The command line of another command for the images that a command was told to find. Pure. */
export function nextCommand(command: string, flags: ConfigFlags): string {
  const {
    config,
    function: owner,
    os,
    arch,
    quantization,
    model,
    repository,
    base,
    rie,
    imageVersion,
  } = flags;
  const lists = { os: os?.join(","), arch: arch?.join(","), quantization: quantization?.join(",") };
  const version = { "image-version": imageVersion };
  const options = { config, function: owner, ...lists, model, repository, base: base?.join(","), ...version };
  return commandLine(command, options, rie);
}

/** The command line of another command for an image, from the one that builds it. Pure. */
export const commandFor = (
  { command }: { readonly command: string },
  name: string,
  words: readonly string[] = [],
): string => [command.replace(/^mkimage build/, `mkimage ${name}`), ...words.map(quoted)].join(" ");
