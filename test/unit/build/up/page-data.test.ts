import { expect, test } from "vitest";
import { makePlan } from "../../../../build/plan/plan.ts";
import { renderPage } from "../../../../build/up/page.ts";
import { pageData } from "../../../../build/up/page-data.ts";
import { configOf, FACTS, MINIMAL } from "../../../support/plan-facts.ts";

const place = () => ({ url: "http://127.0.0.1:1/", emulated: false });

test("a function has its models with a usual request each, and its cells", async () => {
  const file = { functions: { embed: { models: ["minilm", "bge-small.en"] } } };
  const images = makePlan(await configOf(file, { os: ["debian"] }), FACTS);
  const [data] = await pageData(images, place);
  expect(data).toMatchObject({
    name: "embed",
    models: [
      { name: "minilm", task: "feature-extraction", reads: "texts" },
      { name: "bge-small.en", request: { model: "bge-small.en" } },
    ],
    cells: [{ name: "debian-arm64" }, { name: "debian-amd64" }],
  });
  expect(data?.models[0]?.request).not.toHaveProperty("model");
});

test("a project's own handler is asked by its event", async () => {
  const file = { functions: { embed: { model: "minilm", handler: "handler.ts", event: { a: 1 } } } };
  const config = await configOf(file, { os: ["debian"], arch: ["amd64"] }, { "handler.ts": "" });
  const [data] = await pageData(makePlan(config, FACTS), place);
  expect(data?.models).toEqual([{ name: "handler.ts", task: "handler", reads: "event", request: { a: 1 } }]);
});

test("no text of a project can end the script element that it is in", async () => {
  const images = makePlan(await configOf(MINIMAL, { os: ["debian"], arch: ["amd64"] }), FACTS);
  const [data] = await pageData(images, place);
  const page = renderPage([{ ...data, name: "</script><script>alert(1)" } as never]);
  expect(page).not.toContain("</script><script>alert");
  expect(page.match(/<\/script>/g)).toHaveLength(2);
});
