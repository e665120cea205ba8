import { expect, test } from "vitest";
import { makePlan } from "../../../../build/plan/plan.ts";
import { checkHandler } from "../../../../build/smoke/user-handler.ts";
import { configOf, FACTS } from "../../../support/plan-facts.ts";
import { refusal } from "../../../support/refusal.ts";

const imageOf = async (row: object = {}) => {
  const file = { functions: { embed: { model: "minilm", ...row } }, os: ["debian"], arch: ["amd64"] };
  const [image] = makePlan(await configOf(file, {}, { "handler.ts": "" }), FACTS);
  if (!image) throw new Error("no image");
  return image;
};

/** A sandbox whose function gives these answers, the last one again and again; it notes what it was sent. */
function sandbox(...bodies: string[]) {
  const sent: unknown[] = [];
  return {
    sent,
    logs: async () => "",
    invoke: async (events: readonly string[]) =>
      events.map((event, i) => {
        sent.push(JSON.parse(event));
        return { body: bodies[i] ?? bodies.at(-1) ?? "", milliseconds: 100 - i };
      }),
  };
}

test("it is sent the model's samples, the first one twice, and any answer will do", async () => {
  for (const body of ['{"label":"a"}', "null", '"text"', "[1]", '{"statusCode":204}']) {
    const there = sandbox(body);
    expect(await checkHandler(there, await imageOf())).toEqual({ firstMs: 100, warmMs: 99 });
    expect(there.sent).toEqual([{ inputs: "hello world" }, { inputs: "hello world" }]);
  }
});

test("it is sent the function's event where there is one", async () => {
  const there = sandbox("1");
  await checkHandler(there, await imageOf({ event: { text: "a" } }));
  expect(there.sent).toEqual([{ text: "a" }, { text: "a" }]);
});

test.each([
  { body: '{"errorType":"RangeError","errorMessage":"boom"}', says: "RangeError: boom" },
  { body: "Task timed out after 3.00 seconds", says: "Task timed out" },
  { body: '{"statusCode":500,"body":"no"}', says: 'status 500: {"statusCode":500' },
])("an error is told with the event: $says", async ({ body, says }) => {
  const image = await imageOf();
  const error = await refusal(() => checkHandler(sandbox("1", body), image));
  expect(error).toMatchObject({ exitCode: 1 });
  expect(error.message).toContain(`handler.ts answered {"inputs":"hello world"} with an error: ${says}`);
  expect(error.message).toContain("functions.embed.event");
});

test("where the project has said what is sent it is not told that it might", async () => {
  const image = await imageOf({ event: { a: 1 } });
  const error = await refusal(() => checkHandler(sandbox("Task timed out after 3.00 seconds"), image));
  expect(error.message).not.toContain("mkimage.json");
});
