import { execa } from "execa";
import { expect, test } from "vitest";
import { curlLine } from "../../../../build/up/curl.ts";

test("a shell gives curl the request as it is", async () => {
  const request = { inputs: 'it\'s "$HOME" `x` \\ ü\n' };
  const line = curlLine("http://127.0.0.1:1/", request);
  // The same words, printed one a line in place of being run.
  const { stdout } = await execa("sh", ["-c", line.replace("curl ", "printf '%s\\n' ")]);
  expect(JSON.parse(stdout.split("\n").slice(4).join("\n"))).toEqual(request);
});
