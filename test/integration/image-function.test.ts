import { execFileSync } from "node:child_process";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { extract } from "tar-stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectDocker } from "../../build/clients/docker.ts";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { removeImages } from "../support/engine.ts";
import { openFileSystem } from "../support/file-system.ts";
import { mkimage, mkimageJson } from "../support/mkimage.ts";
import { makeProject, type Project } from "../support/project.ts";
import { tinyOnnx } from "../support/tiny-onnx.ts";
import { TINY_TOKENIZER } from "../support/tiny-tokenizer.ts";

const CELL = ["--os", "alpine", "--arch", "amd64"];
const models = execFileSync(join(TOOL_ROOT, "test/fixtures/models/up"), { encoding: "utf8" }).trim();

interface Label {
  readonly label: string;
  readonly score: number;
}
interface Inspected {
  readonly reference: string;
  readonly layers: readonly { part: string; digest: string }[];
}

let project: Project;
let texts: string;
let answers: { inputs: string; expected: Label[] }[];
const run = () => ({ cwd: project.folder });

beforeAll(async () => {
  project = await makeProject();
  texts = `${project.function}-texts`;
  const { folder } = project;
  await cp(join(models, "vit"), join(folder, "vit"), {
    recursive: true,
    dereference: true,
    filter: (path) => !path.endsWith("/onnx"),
  });
  answers = JSON.parse(await readFile(join(folder, "vit/expected.json"), "utf8")).slice(0, 3);
  await mkdir(join(folder, "tiny"));
  await writeFile(join(folder, "tiny/model.onnx"), tinyOnnx());
  await writeFile(join(folder, "tiny/tokenizer.json"), JSON.stringify(TINY_TOKENIZER));
  const [, { inputs, expected } = { inputs: "", expected: [] as Label[] }] = answers;
  await writeFile(join(folder, "models/texts/picture.png"), Buffer.from(inputs, "base64"));
  const same = (...names: string[]) => Object.fromEntries(names.map((name) => [name, name]));
  const specs = {
    vit: {
      task: "image-classification",
      source: "file:vit",
      files: same("model.onnx", "config.json", "preprocessor_config.json"),
      samples: [{ inputs: { image: "texts/picture.png" }, expected: expected.map(({ score }) => score) }],
    },
    tiny: {
      task: "feature-extraction",
      source: "file:tiny",
      files: same("model.onnx", "tokenizer.json"),
      normalize: false,
    },
  };
  for (const [name, spec] of Object.entries(specs)) {
    await writeFile(join(folder, `models/${name}.json`), JSON.stringify(spec));
  }
  await project.writeConfig({
    functions: { [project.function]: { model: "vit" }, [texts]: { model: "tiny" } },
    repository: "mkimage-test/<function>",
  });
  const locked = await mkimage(["lock"], run());
  expect(locked.exitCode, locked.stderr).toBe(0);
  const built = await mkimage(["build", ...CELL], run());
  expect(built.exitCode, built.stderr).toBe(0);
});

afterAll(async () => {
  if (!project) return;
  await removeImages(texts, `mkimage-test/${texts}`);
  await project.remove();
});

const invoke = (event: unknown) =>
  mkimageJson<{ reply: unknown }>(
    ["invoke", ...CELL, "--function", project.function, JSON.stringify(event)],
    run(),
  );

test("passes the smoke test: its sample's image gives the scores that Python gives, under Lambda's limits", async () => {
  const tested = await mkimageJson<{ largestDifference: number }[]>(["test", ...CELL], run());
  expect(tested).toHaveLength(2);
  const [images] = tested;
  expect(images?.largestDifference).toBeGreaterThan(0);
  expect(images?.largestDifference).toBeLessThan(1e-4);
});

test("a spec without samples is tested with a picture of ours", async () => {
  const path = join(project.folder, "models/vit.json");
  const spec = JSON.parse(await readFile(path, "utf8"));
  await writeFile(path, JSON.stringify({ ...spec, samples: [] }));
  const { exitCode, stderr } = await mkimage(["test", ...CELL, "--function", project.function], run());
  await writeFile(path, JSON.stringify({ ...spec, samples: [{ ...spec.samples[0], expected: [0.5] }] }));
  const wrong = await mkimage(["test", ...CELL, "--function", project.function], run());
  await writeFile(path, JSON.stringify(spec));
  expect(exitCode, stderr).toBe(0);
  expect(wrong).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("A score is 0.408 away") });
});

test("answers several images at once, as Python's pipeline does each", async () => {
  const { reply } = await invoke({ inputs: answers.map(({ inputs }) => inputs) });
  expect(reply).toEqual(
    answers.map(({ expected }) =>
      expected.map(({ label, score }) => ({ label, score: expect.closeTo(score, 4) })),
    ),
  );
});

test("takes an image as the body of an HTTP request", async () => {
  const [{ inputs, expected } = { inputs: "", expected: [] }] = answers;
  const event = {
    requestContext: { http: { method: "POST", path: "/" }, domainName: "x.lambda-url.us-east-1.on.aws" },
    rawPath: "/",
    headers: { "content-type": "image/png" },
    body: inputs,
    isBase64Encoded: true,
  };
  const { statusCode, body } = (await invoke(event)).reply as { statusCode: number; body: string };
  expect(statusCode).toBe(200);
  expect(JSON.parse(body)).toEqual(
    expected.map(({ label, score }) => ({ label, score: expect.closeTo(score, 4) })),
  );
});

test("an image that is none is the caller's mistake", async () => {
  const event = JSON.stringify({ inputs: "aGVsbG8=" });
  const args = ["invoke", ...CELL, "--function", project.function, event];
  expect(await mkimage(args, run())).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("BadRequest: inputs: no picture in JPEG, PNG, WebP, GIF, TIFF or AVIF"),
  });
});

test("only the function that reads images carries what decodes them; the rest is the same layers", async () => {
  const inspected = await mkimageJson<Inspected[]>(["inspect", ...CELL], run());
  const [images, text] = inspected.map(({ layers }) => layers);
  const named = (layers: typeof images) => layers?.map(({ part }) => part).filter((part) => part !== "base");
  expect(named(images)).toEqual([
    "glibc",
    "node",
    "rie",
    "onnxruntime",
    "tokenizers",
    "imaging",
    "model vit",
    "runtime",
  ]);
  expect(named(text)).toEqual(["glibc", "node", "rie", "onnxruntime", "tokenizers", "model tiny", "runtime"]);
  const shared = images?.filter(({ part }) => part !== "imaging" && !part.startsWith("model "));
  expect(text?.filter(({ part }) => !part.startsWith("model "))).toEqual(shared);
});

test("no file of sharp or libvips is in the other function's image", async () => {
  const docker = await connectDocker();
  const filesOf = (name: string) =>
    openFileSystem(docker, `mkimage-test/${name}:alpine-amd64`, async (tar) => {
      const paths: string[] = [];
      for await (const entry of tar.pipe(extract())) {
        paths.push(entry.header.name);
        entry.resume();
      }
      return paths
        .filter((path) => /sharp|vips/.test(path) && !path.endsWith("/"))
        .map((path) => path.split("/").at(-1));
    });
  expect(await filesOf(texts)).toEqual([]);
  expect((await filesOf(project.function)).length).toBeGreaterThan(5);
});
