import { cellName } from "../plan/cell-name.ts";
import type { Image } from "../plan/image.ts";
import { partNames } from "./bake.ts";
import {
  handlerParts,
  imagingParts,
  type PartOptions,
  partsOf,
  runtimePart,
  stackOf,
  systemParts,
  verifierPart,
} from "./targets.ts";

/** What a person sees as one thing of a build, with the targets that it consists of. */
export interface BuildRow {
  readonly group: "models" | "parts" | "cells";
  readonly name: string;
  readonly targets: readonly string[];
  /** Of a cell, how many layers it has above its base. */
  readonly layers?: number;
}

const OPTIONS: PartOptions = { root: "" };

function partRows(image: Image): [name: string, target: string][] {
  const { bundler, handler } = handlerParts(image, OPTIONS);
  return [
    ...Object.entries(partsOf(image, OPTIONS)).map(([name, [target]]): [string, string] => [name, target]),
    ...imagingParts(image, OPTIONS).map(([target]): [string, string] => ["imaging", target]),
    ["runtime", runtimePart(image, OPTIONS)[0]],
    ["verifier", verifierPart(image, OPTIONS)[0]],
    ...bundler.map(([target]): [string, string] => ["handler", target]),
    ...handler.map(([target]): [string, string] => ["handler", target]),
  ];
}

function cellTargets(image: Image): string[] {
  const systems = systemParts(image, OPTIONS);
  const stack = stackOf(image, systems.at(-1) ?? systems[0], OPTIONS);
  const below = image.handler ? [`${image.target}_runtime`] : [];
  return [...[...systems, ...stack].map(([target]) => target), ...below, image.target];
}

/** How a model is called among those of the plan: its architecture is told where the others' differ. */
export function modelRowName(
  { name, quantization, target }: Image["models"][number],
  { arch }: Image,
): string {
  return `${name} ${quantization}${target.endsWith(`-${arch}`) ? ` ${arch}` : ""}`;
}

/** Collects targets under names, each once. */
function collect(pairs: readonly (readonly [name: string, target: string])[]): [string, string[]][] {
  const found = new Map<string, Set<string>>();
  for (const [name, target] of pairs) found.set(name, (found.get(name) ?? new Set()).add(target));
  return [...found].map(([name, targets]) => [name, [...targets]]);
}

/** The rows of a plan: its models, the parts that images share, and the cells. Pure. */
export function buildRows(images: readonly Image[]): BuildRow[] {
  const models = collect(
    images.flatMap((image) =>
      image.models.map((variant) => [modelRowName(variant, image), variant.target] as const),
    ),
  );
  return [
    ...models.map(([name, targets]) => ({ group: "models", name, targets }) as const),
    ...collect(images.flatMap(partRows)).map(
      ([name, targets]) => ({ group: "parts", name, targets }) as const,
    ),
    ...images.map(
      (image) =>
        ({
          group: "cells",
          name: cellName(image, images),
          targets: cellTargets(image),
          layers: partNames(image).length,
        }) as const,
    ),
  ];
}
