import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HubStandIn, startHub } from "../support/hub.ts";
import { type Finished, startMkimage } from "../support/mkimage.ts";
import { onnxFile } from "../support/onnx.ts";

const COMMIT = "a".repeat(40);

/** A repository with a model that can be locked, not run. */
const repo = () => ({
  commits: {
    [COMMIT]: {
      "onnx/model.onnx": onnxFile({ weights: randomBytes(300_000) }),
      "tokenizer.json": '{"version":"1.0"}',
      "tokenizer_config.json": '{"model_max_length":512}',
      "config.json": "{}",
    },
  },
});

export const specOf = (name: string) => ({
  task: "feature-extraction",
  source: `hf:acme/${name}`,
  files: { "model.onnx": "onnx/model.onnx", "tokenizer.json": "tokenizer.json" },
});

/** Everything of a build up to the engine's part: models are fetched, locked and checked. */
export const FETCH = ["models", "fetch"];

/** The command that adds a repository of the hub. */
export const add = (name: string) => ["models", "add", `hf:acme/${name}`, "--task", "feature-extraction"];

type Environment = Readonly<Record<string, string | undefined>>;

/** A project, a hub with these repositories, and a cache and user settings of its own; all in one folder. */
export class HubProject implements AsyncDisposable {
  readonly folder: string;
  readonly hub: HubStandIn;
  readonly env: Environment;

  private constructor(folder: string, hub: HubStandIn) {
    this.folder = folder;
    this.hub = hub;
    this.env = {
      HF_ENDPOINT: hub.url,
      HF_HOME: join(folder, "huggingface"),
      ...{ HF_TOKEN: undefined, HF_TOKEN_PATH: undefined, HF_HUB_CACHE: undefined },
      ...{ CI: undefined, TMPDIR: join(folder, "tmp"), MKIMAGE_CACHE: join(folder, "cache") },
    };
  }

  /** A project of the first repository; the others are on the hub alone. */
  static async make(names: readonly [string, ...string[]]): Promise<HubProject> {
    const hub = await startHub(Object.fromEntries(names.map((name) => [`acme/${name}`, repo()])));
    const project = new HubProject(await mkdtemp(join(tmpdir(), "mkimage-attack-")), hub);
    for (const folder of ["models", "tmp"]) await mkdir(join(project.folder, folder));
    await project.write("mkimage.json", { functions: { embed: { model: names[0] } } });
    await project.write(`models/${names[0]}.json`, specOf(names[0]));
    return project;
  }

  write(path: string, content: unknown): Promise<void> {
    return writeFile(
      join(this.folder, path),
      typeof content === "string" ? content : JSON.stringify(content),
    );
  }

  start(args: readonly string[], env: Environment = {}) {
    return startMkimage(args, { cwd: this.folder, env: { ...this.env, ...env } });
  }

  async run(args: readonly string[], env: Environment = {}): Promise<Finished> {
    const { exitCode, stdout, stderr } = await this.start(args, env);
    return { exitCode, stdout, stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hub[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}
