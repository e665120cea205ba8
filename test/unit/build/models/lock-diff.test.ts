import { expect, test } from "vitest";
import { lockDrift } from "../../../../build/models/lock-diff.ts";

const file = (letter: string, size = 10) => ({
  source: "hf:a/b",
  path: "model.onnx",
  size,
  sha256: letter.repeat(64),
});
const model = (letter: string, commit = "1") => ({
  commits: { "hf:a/b": commit.repeat(40) },
  files: { "model.onnx": file(letter) },
});
const lock = (models: object, bases: Record<string, string> = {}) => ({ models, bases }) as never;

test("of equal locks is none", () => {
  expect(lockDrift(lock({ m: model("a") }), lock({ m: model("a") }))).toEqual([]);
});

test.each([
  [
    "a commit",
    lock({ m: model("a") }),
    lock({ m: model("a", "2") }),
    ["m: hf:a/b: commit 111111111111 → 222222222222"],
  ],
  [
    "a file's content",
    lock({ m: model("a") }),
    lock({ m: { ...model("a"), files: { "model.onnx": file("b", 12) } } }),
    ["m: model.onnx: sha256 aaaaaaaaaaaa → bbbbbbbbbbbb, 10 → 12 bytes"],
  ],
  [
    "a file more and one less",
    lock({ m: { files: { a: file("a") } } }),
    lock({ m: { files: { b: file("a") } } }),
    ["m: a: is gone", "m: b: is new"],
  ],
  [
    "a source and a path",
    lock({ m: { files: { a: file("a") } } }),
    lock({ m: { files: { a: { ...file("a"), source: "file:x", path: "y" } } } }),
    ["m: a: source hf:a/b → file:x", "m: a: path model.onnx → y"],
  ],
  [
    "a model more and one less",
    lock({ a: model("a") }),
    lock({ b: model("b") }),
    ["a: has no spec any more", "b: is not locked"],
  ],
  [
    "base images",
    lock({}, { "alpine:3.23": `sha256:${"1".repeat(64)}`, "debian:x": `sha256:${"2".repeat(64)}` }),
    lock({}, { "alpine:3.23": `sha256:${"3".repeat(64)}` }),
    ["alpine:3.23: sha256:111111111111 → sha256:333333333333", "debian:x: sha256:222222222222 → not pinned"],
  ],
])("%s that moved is a line", (_, was, now, lines) => {
  expect(lockDrift(was, now)).toEqual(lines);
});
