import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { callsAfter, isRandomCall, watchedRandom } from "../../../../build/smoke/random-watch.ts";
import { temporaryFolder } from "../../../support/folder.ts";

/** What a program in Node.js is told of, that runs these lines. */
async function watched(...lines: string[]): Promise<string[]> {
  const file = join(await temporaryFolder(), "program.mjs");
  await writeFile(file, lines.join("\n"));
  const value = watchedRandom(["NODE_OPTIONS=--no-deprecation", "NODE_OPTIONS=--none-of-these"]).replace(
    "NODE_OPTIONS=",
    "",
  );
  const { stderr } = await execa(process.execPath, [file], { env: { NODE_OPTIONS: value } });
  const told = stderr.split("\n").filter(Boolean);
  expect(told.every(isRandomCall)).toBe(true);
  return callsAfter(0, told).map((call) => call.replace(file, "program"));
}

test("each generator that a program calls is told with the place, imported by name or not", async () => {
  expect(
    await watched(
      'import { randomUUID } from "node:crypto";',
      "for (let round = 0; round < 3; round++) Math.random();",
      "randomUUID(); crypto.getRandomValues(new Uint8Array(4)); crypto.randomUUID();",
    ),
  ).toEqual([
    expect.stringMatching(/^Math\.random at program:2:\d+$/),
    "crypto.getRandomValues at program:3:22",
    "crypto.randomUUID at program:3:1",
    "crypto.randomUUID at program:3:65",
  ]);
});

test("Node's own calls are not, nor those of what has been renewed", async () => {
  expect(
    await watched(
      `import { renewOwnRandom } from ${JSON.stringify(import.meta.resolve("../../../../runtime/lambda/renew-random.ts"))};`,
      'import { randomInt, randomUUID } from "node:crypto";',
      "const form = new FormData(); form.set('a', 'b'); await new Response(form).text();",
      "renewOwnRandom();",
      "Math.random(); randomUUID(); randomInt(5); crypto.randomUUID(); crypto.getRandomValues(new Uint8Array(4));",
    ),
  ).toEqual([]);
});

test("only calls after the restore count, each once", () => {
  const call = (at: number, place = "/a.mjs:1:1") =>
    JSON.stringify({ mkimageRandom: "Math.random", place, at });
  const lines = [call(1), call(5, "/b.mjs:2:2"), call(5), call(9), '{"mkimageRandom":cut', "its own line"];
  expect(callsAfter(5, lines)).toEqual(["Math.random at /a.mjs:1:1", "Math.random at /b.mjs:2:2"]);
});
