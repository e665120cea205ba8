import { expect, test } from "vitest";
import { TASKS, type Task } from "../../../../models/tasks.ts";
import { taskNamed } from "../../../../runtime/tasks/index.ts";

test("every task that a spec may name is there", () => {
  for (const name of Object.keys(TASKS) as Task[]) expect(taskNamed(name).run).toBeTypeOf("function");
});

test("a task of a newer build is refused by name", () => {
  expect(() => taskNamed("telepathy" as never)).toThrow('unknown task "telepathy": this runtime has ');
});
