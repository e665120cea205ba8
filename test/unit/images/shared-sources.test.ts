import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { TOOL_ROOT } from "../../../build/tool-root.ts";

/** Files and folders of models/ that the runtime's sources, or these themselves, import more than types from. */
async function imported(): Promise<string[]> {
  const found = new Set<string>();
  for await (const file of glob("runtime/**/*.ts", {
    cwd: TOOL_ROOT,
    exclude: (name) => name.includes("node_modules"),
  })) {
    const text = await readFile(join(TOOL_ROOT, file), "utf8");
    for (const [, name = ""] of text.matchAll(
      /^(?:import|export) (?!type )[^;"]*"(?:\.\.\/)+models\/([\w.-]+)/gm,
    ))
      found.add(name);
  }
  return [...found].sort();
}

test("images/runtime/Dockerfile copies from models/ what the runtime imports from there, and nothing else", async () => {
  const text = await readFile(join(TOOL_ROOT, "images/runtime/Dockerfile"), "utf8");
  const copied = [...text.matchAll(/^COPY --from=models (.*) \S+$/gm)].flatMap(([, names = ""]) =>
    names.split(" "),
  );
  expect(copied.sort()).toEqual(await imported());
});
