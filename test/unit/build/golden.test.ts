import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { BakeFile, BakeTarget } from "../../../build/bake/bake.ts";
import { stringify } from "../../../build/files/json.ts";
import { CASES, planned } from "../../support/bake-cases.ts";

const GOLDEN = join(import.meta.dirname, "../../golden");

const listed = (values: Readonly<Record<string, string>> = {}) =>
  Object.entries(values).map(([name, value]) => (value === `target:${name}` ? name : `${name}=${value}`));

function line(name: string, { context, target, contexts, args, tags = [] }: BakeTarget): string {
  const recipe = [context, target].filter(Boolean).join(":");
  const parts = [listed(contexts), listed(args), tags].map((each) => each.join(" "));
  return `${name} (${recipe}) ← ${parts.filter(Boolean).join(" | ")}`;
}

/** A line per target: its recipe, what it is made from, its arguments and tags. */
const graph = ({ target }: BakeFile): string =>
  `${Object.entries(target)
    .map(([name, each]) => line(name, each))
    .join("\n")}\n`;

// `make golden` writes what these give now; the change is then reviewed as any other.
describe.each(CASES)("$name", (each) => {
  test("gives the targets that were committed", async () => {
    const { bake, project } = await planned(each);
    await expect(graph(bake).replaceAll(project, "<project>")).toMatchFileSnapshot(
      join(GOLDEN, `${each.name}.txt`),
    );
  });
});

test("one cell whole: its plan and its bake file", async () => {
  const one = CASES.find(({ name }) => name === "one-cell");
  const { images, bake, project } = await planned(one as (typeof CASES)[number]);
  const places = (value: unknown) => stringify(value).replaceAll(project, "<project>");
  await expect(places(images)).toMatchFileSnapshot(join(GOLDEN, "one-cell.plan.json"));
  await expect(places(bake)).toMatchFileSnapshot(join(GOLDEN, "one-cell.bake.json"));
});
