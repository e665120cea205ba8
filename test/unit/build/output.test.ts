import { expect, onTestFinished, test, vi } from "vitest";
import { formatBytes, forTerminal, print, printJson, say, sayCommand, table } from "../../../build/output.ts";

test.each([
  [0, "0.0 kB"],
  [2_345, "2.3 kB"],
  [100_000, "0.1 MB"],
  [1_250_000, "1.3 MB"],
  [9_999_999, "10.0 MB"],
  [10_000_000, "10 MB"],
  [155_499_999, "155 MB"],
])("%i bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test("columns of a table are as wide as their widest cell, without spaces at the end", () => {
  expect(
    table([
      ["image", "size"],
      ["shop/embed:alpine-arm64", "1 MB"],
      ["x", ""],
    ]).split("\n"),
  ).toEqual(["image                    size", "shop/embed:alpine-arm64  1 MB", "x"]);
});

test("results go to stdout and everything for people to stderr", () => {
  const out = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const err = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  print("reference");
  print("with a newline\n");
  printJson({ a: 1 });
  say("a step");
  expect(out.mock.calls.flat()).toEqual(["reference\n", "with a newline\n", '{\n  "a": 1\n}\n']);
  expect(err.mock.calls.flat()).toEqual(["a step\n"]);
});

test.each([
  ["\u001b[31mred\u001b[0m", "red"],
  ["\u001b]0;title\u0007text", "text"],
  ["a\u001b[2J\u001b[1;1Hb", "ab"],
  ["bell \u0007, backspace \b", "bell \ufffd, backspace \ufffd"],
  ["one\r\ntwo\tthree", "one\ntwo\tthree"],
  ["over\rwritten", "over\ufffdwritten"],
  ["\u009b31mC1", "C1"],
  ["Ünïcode 東京 🙂", "Ünïcode 東京 🙂"],
])("%j on a terminal is %j", (text, shown) => expect(forTerminal(text)).toBe(shown));

test("what others say is shown without sequences for the terminal; a result in a pipe is as it is", () => {
  const out = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const err = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  say("model \u001b[2Jx");
  print("\u001b[2Jx");
  expect(err).toHaveBeenCalledWith("model x\n");
  expect(out).toHaveBeenCalledWith("\u001b[2Jx\n");
});

test.each([
  ["::error title=x::text", ": :error title=x::text"],
  ["one\n  ::stop-commands::x\n::add-mask::y", "one\n  : :stop-commands::x\n: :add-mask::y"],
  ["a ##[add-mask]x", "a ## [add-mask]x"],
  ["std::vector, a::b", "std::vector, a::b"],
])("in GitHub Actions others' words %j are no command: %j", (text, shown) => {
  vi.stubEnv("GITHUB_ACTIONS", "true");
  onTestFinished(() => void vi.unstubAllEnvs());
  const err = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  say(text);
  sayCommand("::error::ours");
  expect(err.mock.calls.flat()).toEqual([`${shown}\n`, "::error::ours\n"]);
  vi.stubEnv("GITHUB_ACTIONS", "");
  expect(forTerminal(text)).toBe(text);
});
