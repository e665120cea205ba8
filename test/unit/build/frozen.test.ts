import { expect, test } from "vitest";
import { frozenByDefault } from "../../../build/frozen.ts";

test.each([
  [{ CI: "true" }, true],
  [{ CI: "1" }, true],
  [{ CI: "woodpecker" }, true],
  [{ CI: "false" }, false],
  [{ CI: "0" }, false],
  [{ CI: "" }, false],
  [{}, false],
])("with %j the lock is frozen: %s", (env, frozen) => {
  expect(frozenByDefault(env)).toBe(frozen);
});
