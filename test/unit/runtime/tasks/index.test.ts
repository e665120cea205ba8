import { expect, test } from "vitest";
import { TASKS, type Task } from "../../../../models/spec.ts";
import { taskNamed } from "../../../../runtime/tasks/index.ts";

test("every task that a spec may name is there, and opens the graphs that the spec asks for", () => {
  for (const [name, files] of Object.entries(TASKS)) {
    expect(taskNamed(name as Task).graphs ?? ["model.onnx"]).toEqual(files);
  }
});

test("a task of a newer build is refused by name", () => {
  expect(() => taskNamed("telepathy" as never)).toThrow('unknown task "telepathy": this runtime has ');
});
