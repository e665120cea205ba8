import { expect, test, vi } from "vitest";
import { logError } from "../../../../runtime/lambda/log.ts";

test("one JSON line on stderr", () => {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  logError("it broke", new TypeError("line one\nline two"), "r-1");
  const [line] = write.mock.calls.map(([text]) => String(text));
  write.mockRestore();
  expect(line?.trimEnd()).not.toContain("\n");
  expect(JSON.parse(line ?? "")).toMatchObject({
    level: "ERROR",
    requestId: "r-1",
    message: "it broke",
    errorType: "TypeError",
    errorMessage: "line one\nline two",
    timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
  });
});
