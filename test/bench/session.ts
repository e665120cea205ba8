import { join } from "node:path";
import { execa } from "execa";
import { TOOL_ROOT } from "../../build/tool-root.ts";

/** What a model costs where it runs, with one thread. */
export interface SessionCost {
  /** Milliseconds to open a session: the smallest of several, so that what else the machine does is left out. */
  readonly load: number;
  /** Milliseconds of one inference of 32 tokens, likewise. */
  readonly warm: number;
  /** Bytes of the graph and its weights. */
  readonly bytes: number;
}

const PROCESSES = 5;
const RUNS = 40;

/** Runs in the image: opens a model with ONNX Runtime and computes a few times. */
const SCRIPT = `
const { InferenceSession, Tensor } = require("/ort/node_modules/onnxruntime-node");
const { statSync, existsSync } = require("node:fs");
const { readFileSync } = require("node:fs");
const { dirname } = require("node:path");
const [, path, runs] = process.argv;
// As the runtime opens it (runtime/model.ts).
const { optimized } = JSON.parse(readFileSync(dirname(path) + "/mkimage.json", "utf8"));
const bytes = [path, path + ".data"].filter(existsSync).reduce((sum, file) => sum + statSync(file).size, 0);
const options = { executionProviders: ["cpu"], intraOpNumThreads: 1, interOpNumThreads: 1, graphOptimizationLevel: optimized ? "disabled" : "all" };
(async () => {
  let session;
  let load = Infinity;
  // ONNX Runtime itself starts with the first session (20 ms, whatever the model): those after it are the model's own.
  for (let i = 0; i < 4; i++) {
    if (session) await session.release();
    const start = performance.now();
    session = await InferenceSession.create(path, options);
    load = Math.min(load, performance.now() - start);
  }
  const ones = () => new Tensor("int64", BigInt64Array.from({ length: 32 }, (_, i) => 1000n + BigInt(i)), [1, 32]);
  const mask = () => new Tensor("int64", new BigInt64Array(32).fill(1n), [1, 32]);
  const zero = () => new Tensor("int64", new BigInt64Array(32), [1, 32]);
  const all = { input_ids: ones(), attention_mask: mask(), token_type_ids: zero() };
  const feeds = Object.fromEntries(session.inputNames.map((name) => [name, all[name]]));
  const times = [];
  for (let i = 0; i < runs; i++) {
    const from = performance.now();
    await session.run(feeds);
    times.push(performance.now() - from);
  }
  console.log(JSON.stringify({ load, warm: Math.min(...times), bytes }));
})();`;

export interface MeasureOptions {
  /** Under an emulator once is enough: no time of it is a figure. */
  readonly emulated?: boolean;
  /** Folder of this machine that the image finds as /mnt. */
  readonly mount?: string;
}

/** Measures one model file in an image. */
export async function measureSession(
  image: string,
  path: string,
  { emulated = false, mount }: MeasureOptions = {},
): Promise<SessionCost> {
  const packages = join(TOOL_ROOT, "runtime/node_modules");
  const volume = [
    "--volume",
    `${packages}:/ort/node_modules:ro`,
    ...(mount ? ["--volume", `${mount}:/mnt:ro`] : []),
  ];
  const limits = ["--network", "none", "--read-only"];
  const entry = [
    "--entrypoint",
    "/usr/local/bin/node",
    image,
    "--eval",
    SCRIPT,
    "--",
    path,
    String(emulated ? 3 : RUNS),
  ];
  const costs: SessionCost[] = [];
  for (let process = 0; process < (emulated ? 1 : PROCESSES); process++) {
    const { stdout } = await execa("docker", ["run", "--rm", ...limits, ...volume, ...entry]);
    costs.push(JSON.parse(stdout) as SessionCost);
  }
  const least = (key: keyof SessionCost) => Math.min(...costs.map((cost) => cost[key]));
  return { load: least("load"), warm: least("warm"), bytes: least("bytes") };
}
