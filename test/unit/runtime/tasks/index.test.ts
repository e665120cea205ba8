import { expect, test } from "vitest";
import { taskNamed } from "../../../../runtime/tasks/index.ts";

test("a task of a newer build is refused by name", () => {
  expect(() => taskNamed("telepathy" as never)).toThrow('unknown task "telepathy": this runtime has ');
});
