import { expect, test } from "vitest";
import { TASKS } from "../../../../models/spec.ts";
import { taskNamed } from "../../../../runtime/tasks/index.ts";

test("every task that a spec may name is there", () => {
  for (const name of TASKS) expect(taskNamed(name)).toBeDefined();
});

test("a task of a newer build is refused by name", () => {
  expect(() => taskNamed("telepathy" as never)).toThrow(
    'unknown task "telepathy": this runtime has feature-extraction',
  );
});
