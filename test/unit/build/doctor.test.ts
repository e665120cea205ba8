import { expect, test } from "vitest";
import { judgeBuilder } from "../../../build/doctor.ts";

const node = (name: string, buildkit?: string) =>
  `Name: ${name}\nEndpoint: tcp://${name}:1234\nStatus: ${buildkit ? "running" : "inactive"}\n${buildkit ? `BuildKit version: ${buildkit}\n` : ""}`;
const builder = (...nodes: string[]) => `Name: farm\nDriver: remote\n\nNodes:\n${nodes.join("\n")}`;

test.each([
  { shown: builder(node("a", "v0.31.1")), found: "farm, BuildKit 0.31.1" },
  {
    shown: builder(node("a", "v0.31.1"), node("b", "v0.31.1")),
    found: "farm, 2 nodes, BuildKit 0.31.1",
  },
  { shown: builder(node("a", "v0.0.0+unknown")), found: "farm, BuildKit 0.0.0" },
])("a builder that will do: $found", ({ shown, found }) => {
  expect(judgeBuilder(shown, true)).toEqual({ found });
});

test("a node that is too old is named, whichever it is", () => {
  expect(judgeBuilder(builder(node("a", "v0.31.1"), node("b", "v0.11.6")), true)).toMatchObject({
    found: "farm, 2 nodes, BuildKit 0.31.1 and 0.11.6",
    problem: expect.stringMatching(/^BuildKit \S+ or newer is needed \(b at tcp:\/\/b:1234\)$/),
    command: expect.arrayContaining(["create"]),
  });
  expect(judgeBuilder(builder(node("a", "v0.11.6")), true).problem).toMatch(/is needed$/);
});

test("nodes of different versions are told of, and do not keep from building", () => {
  expect(judgeBuilder(builder(node("a", "v0.31.1"), node("b", "v0.30.0")), true)).toMatchObject({
    problem: expect.stringContaining("different versions"),
    optional: true,
  });
});

test("of several nodes those that do not answer are named; no other builder is chosen for them", () => {
  const found = judgeBuilder(builder(node("a", "v0.31.1"), node("b")), false);
  expect(found).toMatchObject({
    problem: "1 node of the builder does not answer (b at tcp://b:1234)",
    remedy: expect.stringContaining("docker buildx create --name farm --leave --node b"),
  });
  expect(found.command).toBeUndefined();
});

test.each(["", builder(node("a"))])("a builder that does not start: %j", (shown) => {
  expect(judgeBuilder(shown, false)).toMatchObject({ found: "none", command: ["buildx", "use", "default"] });
});
