import { createHash } from "node:crypto";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { noteOrigin, recallOrigin } from "../../../../build/cache/origins.ts";
import { lockFiles } from "../../../../build/models/lock-model.ts";
import { modelSpec } from "../../../../models/spec.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { refusal } from "../../../support/refusal.ts";

const sha256 = (content: string) => createHash("sha256").update(content).digest("hex");
const said: string[] = [];
let project: string;
const options = () => ({
  project,
  signal: new AbortController().signal,
  log: (line: string) => void said.push(line),
});
const spec = (files: object, source = "file:weights") =>
  modelSpec.parse({ task: "feature-extraction", source, files });

beforeEach(async () => {
  said.length = 0;
  vi.stubEnv("MKIMAGE_CACHE", await temporaryFolder());
  project = await temporaryFolder({ "weights/model.onnx": "weights" });
});

describe("a file whose sha256 is in the spec", () => {
  test("is locked when it has it", async () => {
    const files = { "model.onnx": { path: "model.onnx", sha256: sha256("weights") } };
    expect((await lockFiles("m", spec(files), options())).files["model.onnx"]?.size).toBe(7);
  });

  test("is refused when it has another one, kept aside, and named as the spec's fault", async () => {
    const files = { "model.onnx": { path: "model.onnx", sha256: "0".repeat(64) } };
    const error = await refusal(() => lockFiles("m", spec(files), options()));
    expect(error.exitCode).toBe(1);
    expect(error.message).toBe(
      `model.onnx of model "m" has sha256 ${sha256("weights")}, the spec says ${"0".repeat(64)}`,
    );
    expect(error.hint).toContain("Correct the sha256 in the spec");
  });
});

describe("a version of a package", () => {
  const files = { "model.onnx": "a/model.onnx" };
  const source = "pypi:weights@1.0";
  const facts = { size: 7, sha256: sha256("weights") };

  test("that was locked is not looked at again", async () => {
    const old = { files: { "model.onnx": { source, path: "a/model.onnx", ...facts } } };
    expect(await lockFiles("m", spec(files, source), { ...options(), old })).toEqual(old);
    expect(said).toEqual([]);
  });

  test("that another project has fetched is not fetched again", async () => {
    await noteOrigin({ source, path: "a/model.onnx", version: "weights@1.0" }, facts);
    const { files: locked } = await lockFiles("m", spec(files, source), options());
    expect(locked["model.onnx"]).toEqual({ source, path: "a/model.onnx", ...facts });
    expect(said).toEqual([]);
  });
});

test("what was fetched is known by source, path and version", async () => {
  const origin = { source: "s3://a/b", path: "x", version: '"etag"' };
  await noteOrigin(origin, { size: 1, sha256: "a" });
  expect(await recallOrigin(origin)).toEqual({ size: 1, sha256: "a" });
  expect(await recallOrigin({ ...origin, version: '"other"' })).toBeUndefined();
});

test("a spec without a source has one for each file", async () => {
  expect(
    modelSpec.safeParse({ task: "feature-extraction", files: { "model.onnx": "x" } }).error?.issues[0],
  ).toMatchObject({
    path: ["source"],
    message: "expected a source, since not every file has its own",
  });
  const files = { "model.onnx": { source: "file:weights", path: "model.onnx" } };
  const own = modelSpec.parse({ task: "feature-extraction", files });
  expect((await lockFiles("m", own, options())).files["model.onnx"]?.source).toBe("file:weights");
});
