import { expect, test } from "vitest";
import { BuildProgress } from "../../../../build/builder/build-progress.ts";
import { type Group, Row, type RowView } from "../../../../build/display/row.ts";
import { recordedPlan, replay } from "../../../support/build-replay.ts";

/** Rows as a display would have them, and every state that they had. */
function rows() {
  const made = new Map<string, Row>();
  const views = new Map<string, RowView>();
  const seen: string[] = [];
  const row = (group: Group, name: string): Row => {
    const key = `${group} ${name}`;
    const known = made.get(key);
    if (known) return known;
    const fresh = new Row(group, name, (view) => {
      views.set(key, view);
      seen.push(`${key}: ${view.state}${view.text ? ` ${view.text}` : ""}`);
    });
    made.set(key, fresh);
    return fresh;
  };
  const states = () => Object.fromEntries([...views].map(([key, { state }]) => [key, state]));
  return { row, seen, states };
}

const PARTS = ["node", "rie", "onnxruntime", "tokenizers", "runtime", "verifier"];
const MODELS = ["minilm int8 arm64", "minilm int8 amd64"];
const CELLS = ["debian-arm64-int8", "debian-amd64-int8"];

test("steps become rows of models, parts and cells, and every target has a row", async () => {
  const { row, seen, states } = rows();
  const images = await recordedPlan();
  const build = replay("parts", { images, row, groups: ["models", "parts", "cells"] });
  build.upTo(1);
  expect(Object.keys(states()).sort()).toEqual(
    [
      ...PARTS.map((name) => `parts ${name}`),
      ...MODELS.map((name) => `models ${name}`),
      ...CELLS.map((name) => `cells ${name}`),
    ].sort(),
  );
  for (const name of MODELS)
    for (const text of ["Python packages", "converting", "asking", "gate"])
      expect(seen, name).toContain(`models ${name}: running ${text}`);
  expect(seen).toContain("parts runtime: running npm ci");
  expect(seen).toContain("cells debian-arm64-int8: running layers 4/6");
  // A part is done with its last step; of models and cells the caller says so.
  for (const name of PARTS) expect(states()[`parts ${name}`], name).toBe("done");
  for (const name of MODELS) expect(states()[`models ${name}`], name).toBe("running");
});

test("the second build of the same targets speaks of the cells alone", async () => {
  const { row, seen, states } = rows();
  const images = await recordedPlan();
  const build = replay("images", { images, row, groups: ["cells"] });
  build.upTo(1);
  build.end();
  expect(Object.keys(states()).sort()).toEqual(CELLS.map((name) => `cells ${name}`).sort());
  for (const name of CELLS) expect(seen).toContain(`cells ${name}: running exporting`);
});

test("the row whose step failed has failed, with what it did, and no other", async () => {
  const { row, states } = rows();
  const images = await recordedPlan();
  replay("failed", { images, row, groups: ["models", "parts", "cells"] }).upTo(1);
  const failed = Object.entries(states()).filter(([, state]) => state === "failed");
  expect(failed).toEqual([["models minilm int8 amd64", "failed"]]);
});

test("parts that were all there are cached", async () => {
  const { row, states } = rows();
  const images = await recordedPlan();
  const build = replay("failed", { images, row, groups: ["parts"] });
  build.upTo(1);
  build.end();
  expect(states()).toEqual(Object.fromEntries(PARTS.map((name) => [`parts ${name}`, "cached"])));
});

test("a step that says how far it is has that in its row", () => {
  const { row, seen } = rows();
  const model = { group: "models", name: "minilm int8", targets: ["model-minilm"] } as const;
  const file = { group: { default: { targets: [] } }, target: {} };
  const progress = new BuildProgress([model], { file, rowOf: () => row("models", "minilm int8") });
  const times = { started: 1, completed: undefined, cached: false, error: "" };
  const steps = [{ digest: "a", name: "[model-minilm passed 1/1] RUN python /stage/gate.py", ...times }];
  progress.read({ steps, transfers: [], output: [] });
  progress.read({
    steps: [],
    transfers: [],
    output: [{ step: "a", text: "progress 10/212\nprogress 20/212\n" }],
  });
  progress.read({ steps: [], transfers: [], output: [{ step: "a", text: "a warning\n" }] });
  expect(seen.slice(1)).toEqual([
    "models minilm int8: running gate",
    "models minilm int8: running gate 20/212",
  ]);
});
