import { readFileSync } from "node:fs";
import { join } from "node:path";
import { toBakeFile, toPartsFile } from "../../build/bake/bake.ts";
import { buildRows } from "../../build/bake/rows.ts";
import { BuildProgress } from "../../build/builder/build-progress.ts";
import { StatusReader } from "../../build/clients/rawjson.ts";
import type { Group, Row } from "../../build/display/row.ts";
import type { Image } from "../../build/plan/image.ts";
import { makePlan } from "../../build/plan/plan.ts";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { configOf, FACTS } from "./plan-facts.ts";

/**
 * What BuildKit 0.31 said of debian-arm64-int8 and debian-amd64-int8: `parts` and `images` of one build without a cache,
 * `failed` of a model that its gate refuses. Only what mkimage reads was kept.
 */
const recorded = (name: "parts" | "images" | "failed"): string[] =>
  readFileSync(join(TOOL_ROOT, "test/fixtures/rawjson", `${name}.jsonl`), "utf8")
    .trimEnd()
    .split("\n");

/** The plan that was built. */
export const recordedPlan = async (): Promise<Image[]> =>
  makePlan(
    await configOf(undefined, { os: ["debian"], arch: ["arm64", "amd64"], quantization: ["int8"] }),
    FACTS,
  );

export interface Replay {
  readonly images: readonly Image[];
  readonly row: (group: Group, name: string) => Row;
  readonly groups: readonly Group[];
}

/** Reads recorded lines as a build does. */
export function replay(name: "parts" | "images" | "failed", { images, row, groups }: Replay) {
  const output = () => "type=cacheonly";
  const file = (name === "images" ? toBakeFile : toPartsFile)(images, { root: "", output });
  const rowOf = ({ group, name: title }: { group: Group; name: string }) =>
    groups.includes(group) ? row(group, title) : undefined;
  const progress = new BuildProgress(buildRows(images), { file, rowOf });
  const reader = new StatusReader((status) => progress.read(status));
  const lines = recorded(name);
  return {
    /** Reads lines up to this share of all of them. */
    upTo(share: number): void {
      for (const line of lines.splice(
        0,
        Math.round(recorded(name).length * share) - (recorded(name).length - lines.length),
      ))
        reader.read(line);
    },
    end: () => progress.end(),
  };
}
