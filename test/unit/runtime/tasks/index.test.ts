import { expect, test } from "vitest";
import { TASKS, type Task, taskRow } from "../../../../models/spec.ts";
import { taskNamed } from "../../../../runtime/tasks/index.ts";

test("every task that a spec may name is there, and opens what the spec asks for", () => {
  for (const name of Object.keys(TASKS) as Task[]) {
    const { graphs, reads } = taskRow(name);
    const { graphs: opened = ["model.onnx"], images = false, tokenizes = true } = taskNamed(name);
    expect(opened).toEqual(graphs);
    expect({ name, images, tokenizes }).toEqual({
      name,
      images: reads === "images",
      tokenizes: reads !== "images",
    });
  }
});

test("a task of a newer build is refused by name", () => {
  expect(() => taskNamed("telepathy" as never)).toThrow('unknown task "telepathy": this runtime has ');
});
