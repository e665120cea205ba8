import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type HubRepo, type HubStandIn, startHub } from "./hub.ts";
import { type Finished, mkimage, startMkimage } from "./mkimage.ts";
import { onnxFile } from "./onnx.ts";

export const COMMIT = "a".repeat(40);
export const SPEC = {
  task: "feature-extraction",
  source: "hf:acme/tiny",
  files: { "model.onnx": "onnx/model.onnx", "tokenizer.json": "tokenizer.json" },
};
/** What a build does before it asks the builder: the lock is brought up to date, and files are fetched and checked. */
export const READY = ["models", "fetch"];

/** An ONNX file of so many bytes, other ones each time. */
function graphOf(size: number): Buffer {
  const overhead = onnxFile({ weights: new Uint8Array(size - 1000) }).length - (size - 1000);
  return onnxFile({ weights: randomBytes(size - overhead) });
}

export const tinyRepo = (): HubRepo & { model: Buffer } => {
  const model = graphOf(3_000_000);
  return {
    model,
    commits: {
      [COMMIT]: {
        "onnx/model.onnx": model,
        "onnx/model_quantized.onnx": "other",
        "tokenizer.json": '{"version":"1.0"}',
        "tokenizer_config.json": '{"model_max_length":512}',
        "config.json": "{}",
        "1_Pooling/config.json": '{"pooling_mode_cls_token":true,"pooling_mode_mean_tokens":false}',
        "modules.json": JSON.stringify([
          { path: "", type: "sentence_transformers.models.Transformer" },
          { path: "1_Pooling", type: "sentence_transformers.models.Pooling" },
        ]),
      },
    },
    card: { license: "apache-2.0" },
  };
};

export interface HubProject {
  readonly hub: HubStandIn;
  readonly model: Buffer;
  readonly folder: string;
  readonly cache: string;
  run(args: readonly string[], env?: Record<string, string | undefined>): Promise<Finished>;
  start(args: readonly string[], env?: Record<string, string | undefined>): ReturnType<typeof startMkimage>;
  /** Text of a file in the project. */
  read(path: string): Promise<string>;
  write(path: string, value: unknown): Promise<void>;
  /** Paths of the files below a folder of the cache. */
  cached(folder: string): Promise<string[]>;
}

/** A project with one model on a hub of its own, a cache of its own and no user settings; gone after the test. */
export async function hubProject({ locked = true, repo = tinyRepo() } = {}): Promise<HubProject> {
  const hub = await startHub({ "acme/tiny": repo });
  const folder = await mkdtemp(join(tmpdir(), "mkimage-hub-"));
  onTestFinished(async () => {
    await hub[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  const cache = join(folder, "cache");
  const settings = {
    HF_ENDPOINT: hub.url,
    HF_HOME: join(folder, "huggingface"),
    HF_TOKEN: undefined,
    HF_TOKEN_PATH: undefined,
    HF_HUB_CACHE: undefined,
    MKIMAGE_CACHE: cache,
  };
  const project: HubProject = {
    hub,
    model: repo.model,
    folder,
    cache,
    run: (args, env) => mkimage(args, { cwd: folder, env: { ...settings, ...env } }),
    start: (args, env) => startMkimage(args, { cwd: folder, env: { ...settings, ...env } }),
    read: (path) => readFile(join(folder, path), "utf8"),
    write: async (path, value) =>
      writeFile(join(folder, path), typeof value === "string" ? value : JSON.stringify(value)),
    cached: async (below) => {
      const found = await readdir(join(cache, below), { recursive: true, withFileTypes: true }).catch(
        () => [],
      );
      return found.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
    },
  };
  await mkdir(join(folder, "models"));
  await project.write("mkimage.json", { functions: { embed: { model: "tiny" } } });
  await project.write("models/tiny.json", SPEC);
  if (locked) {
    const { exitCode, stderr } = await project.run(["lock"]);
    if (exitCode !== 0) throw new Error(stderr);
  }
  return project;
}
