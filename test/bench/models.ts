/**
 * The figures of quantization: `make bench-models`, or `node test/bench/models.ts [--check] [--json]`. For the two real
 * models of models/: what int8 and int4 cost against fp32, in the images themselves and on the sentences of the gate. The
 * architecture that is not this machine's own runs under an emulator: of it only sizes and answers are figures.
 */
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { execa } from "execa";
import { ARCHES, type Arch, names } from "../../build/catalog.ts";
import { readLock } from "../../build/models/lockfile.ts";
import { readyModel } from "../../build/models/ready-model.ts";
import { loadSpec } from "../../build/models/specs.ts";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { thisCpu } from "./cpu.ts";
import { seconds } from "./figure.ts";
import { measureSession, type SessionCost } from "./session.ts";

const MODELS = ["paraphrase-minilm-l3", "all-minilm-l6-v2"] as const;
const FORMATS = ["fp32", "int8", "int4"] as const;
const OS = "alpine";
const NATIVE: Arch = process.arch === "arm64" ? "arm64" : "amd64";

/** A line of the result: a number and what it has to be. */
interface Row {
  readonly name: string;
  readonly value: number;
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly detail: string;
}

const isMet = ({ value, atLeast = -Infinity, atMost = Infinity }: Row) => value >= atLeast && value <= atMost;

function describe(row: Row): string {
  const { name, value, atLeast, atMost, detail } = row;
  const goal = atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`;
  return `${name}: ${value.toFixed(atLeast === undefined ? 2 : 4)} (goal ${goal}: ${isMet(row) ? "met" : "MISSED"}; ${detail})`;
}

const say = (line: string) => process.stderr.write(`${line}\n`);
const mb = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
const ms = (milliseconds: number) => `${milliseconds.toFixed(1)} ms`;

/** A project of this repository's models, a function each. */
class Project {
  readonly folder: string;
  constructor(folder: string) {
    this.folder = folder;
  }

  async prepare(): Promise<void> {
    await cp(join(TOOL_ROOT, "models"), join(this.folder, "models"), { recursive: true });
    const functions = Object.fromEntries(MODELS.map((model) => [model, { model }]));
    await writeFile(
      join(this.folder, "mkimage.json"),
      JSON.stringify({ functions, os: [OS], repository: "mkimage-bench/<function>" }),
    );
  }

  /** The command line of the sources. */
  async run(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const cli = join(TOOL_ROOT, "build/cli.ts");
    const { exitCode, stdout, stderr } = await execa(process.execPath, [cli, ...args], {
      cwd: this.folder,
      env: { CI: "1", ...env },
      stdin: "ignore",
      reject: false,
    });
    return { exitCode, stdout, stderr };
  }

  async succeed(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(args, env);
    if (exitCode !== 0) throw new Error(`mkimage ${args.join(" ")} ended with ${exitCode}:\n${stderr}`);
    return stdout;
  }

  async remove(): Promise<void> {
    const listed = await execa(
      "docker",
      ["images", "--format", "{{.Repository}}:{{.Tag}}", "mkimage-bench/*"],
      { lines: true },
    );
    if (listed.stdout.length > 0) await execa("docker", ["rmi", "--force", ...listed.stdout]);
    await rm(this.folder, { recursive: true, force: true });
  }
}

interface Inspected {
  readonly layers: readonly { part: string; size: number }[];
  readonly models: readonly { figures: Record<string, number>; samples: number }[];
}

interface Measured {
  readonly packed: number;
  readonly cost: SessionCost;
  readonly figures: Readonly<Record<string, number>>;
  readonly samples: number;
}

const tagOf = (format: string) => (format === "fp32" ? "" : `-${format}`);

async function measure(project: Project, model: string, arch: Arch, format: string): Promise<Measured> {
  const args = ["inspect", "--function", model, "--arch", arch, "--quantization", format, "--json"];
  const [image] = JSON.parse(await project.succeed(args)) as Inspected[];
  const reference = `mkimage-bench/${model}:${OS}-${arch}${tagOf(format)}`;
  const cost = await measureSession(reference, `/opt/models/${model}/model.onnx`, {
    emulated: arch !== NATIVE,
  });
  const packed = image?.layers.find(({ part }) => part === `model ${model}`)?.size ?? 0;
  return { packed, cost, figures: image?.models[0]?.figures ?? {}, samples: image?.models[0]?.samples ?? 0 };
}

/** Goals: [unpacked size, packed size, session load, warm latency], each a ratio to fp32, and the smallest cosine. */
const GOALS = {
  int8: { bytes: 0.3, packed: 0.3, load: 0.7, warm: 0.5, cosine: 0.98 },
  int4: { bytes: 0.25, packed: 0.3, load: 1, warm: 1, cosine: 0.95 },
} as const;

function rowsOf(
  title: string,
  format: keyof typeof GOALS,
  { fp32, it, cpu }: { fp32: Measured; it: Measured; cpu: string | undefined },
): Row[] {
  const goal = GOALS[format];
  const over = `of ${it.samples} sentences`;
  const rows: Row[] = [
    {
      name: `${title} unpacked`,
      value: it.cost.bytes / fp32.cost.bytes,
      atMost: goal.bytes,
      detail: `${mb(it.cost.bytes)} against ${mb(fp32.cost.bytes)}`,
    },
    {
      name: `${title} packed`,
      value: it.packed / fp32.packed,
      atMost: goal.packed,
      detail: `${mb(it.packed)} against ${mb(fp32.packed)}`,
    },
    {
      name: `${title} smallest cosine`,
      value: it.figures["cosine.min"] ?? 0,
      atLeast: goal.cosine,
      detail: over,
    },
    {
      name: `${title} mean cosine`,
      value: it.figures["cosine.mean"] ?? 0,
      atLeast: goal.cosine,
      detail: over,
    },
  ];
  if (!cpu) return rows;
  return [
    ...rows,
    {
      name: `${title} session load`,
      value: it.cost.load / fp32.cost.load,
      atMost: goal.load,
      detail: `${ms(it.cost.load)} against ${ms(fp32.cost.load)}, ${cpu}`,
    },
    {
      name: `${title} warm inference`,
      value: it.cost.warm / fp32.cost.warm,
      atMost: goal.warm,
      detail: `${ms(it.cost.warm)} against ${ms(fp32.cost.warm)}, ${cpu}`,
    },
  ];
}

/** fp32 as the stage writes it against the file of the source, both at the runtime's own optimization level. */
async function shippedRow(model: string, fp32: Measured): Promise<Row> {
  const { signal } = new AbortController();
  const own = { spec: await loadSpec(TOOL_ROOT, model), lock: await readLock(TOOL_ROOT) };
  const { dir } = await readyModel(model, own, { project: TOOL_ROOT, signal, log: say });
  const shipped = await measureSession(`mkimage-bench/${model}:${OS}-${NATIVE}`, "/mnt/model.onnx", {
    mount: dir,
  });
  return {
    name: `${model} fp32 session load, optimized and mapped`,
    value: fp32.cost.load / shipped.load,
    atMost: 0.5,
    detail: `${ms(fp32.cost.load)} against ${ms(shipped.load)} for the file of its source`,
  };
}

async function modelRows(project: Project): Promise<Row[]> {
  const rows: Row[] = [];
  const cpu = await thisCpu();
  for (const model of MODELS) {
    for (const arch of names(ARCHES)) {
      const native = arch === NATIVE;
      const fp32 = await measure(project, model, arch, "fp32");
      if (native) rows.push(await shippedRow(model, fp32));
      for (const format of ["int8", "int4"] as const) {
        say(`measuring ${model} ${format} ${arch}${native ? "" : " (emulated)"}`);
        const it = await measure(project, model, arch, format);
        rows.push(
          ...rowsOf(`${model} ${format} ${arch}`, format, { fp32, it, cpu: native ? cpu : undefined }),
        );
        if (!native) {
          const ratio = (key: "load" | "warm") => (it.cost[key] / fp32.cost[key]).toFixed(2);
          say(`  emulated, so no figures: session load ${ratio("load")} ×, warm ${ratio("warm")} ×`);
        }
      }
    }
  }
  return rows;
}

/** A second build when everything is there: nobody could answer a request, and none is made. */
async function cacheRow(project: Project, first: number): Promise<Row> {
  const nowhere = "http://127.0.0.1:9";
  const env = {
    HTTP_PROXY: nowhere,
    HTTPS_PROXY: nowhere,
    PIP_INDEX_URL: `${nowhere}/simple`,
    HF_ENDPOINT: nowhere,
  };
  let lines = "";
  const time = await seconds(async () => {
    const { exitCode, stderr } = await project.run(["build", "--quantization", FORMATS.join(",")], env);
    lines = exitCode === 0 ? stderr : `fetching failed: ${stderr}`;
  });
  const fetches = lines.split("\n").filter((line) => /fetching/.test(line)).length;
  return {
    name: "fetches of a build from a filled cache",
    value: fetches,
    atMost: 0,
    detail: `${time.toFixed(1)} s, the first one ${first.toFixed(1)} s`,
  };
}

async function gateRow(project: Project): Promise<Row> {
  const args = ["build", "--function", MODELS[0], "--arch", NATIVE, "--quantization", "int8-static"];
  const { exitCode, stderr } = await project.run(args);
  const refused = exitCode === 1 && stderr.includes("is not as accurate as its gate requires");
  const [worst = "no table"] = stderr.split("\n").filter((line) => / cosine +0\./.test(line));
  return {
    name: "a broken quantization is refused",
    value: refused ? 1 : 0,
    atLeast: 1,
    detail: worst.replace(/ +/g, " "),
  };
}

const { values } = parseArgs({
  options: { check: { type: "boolean", default: false }, json: { type: "boolean", default: false } },
});
const project = new Project(await mkdtemp(join(tmpdir(), "mkimage-bench-")));
try {
  await project.prepare();
  say(`building ${MODELS.length * FORMATS.length * names(ARCHES).length} images`);
  const first = await seconds(() => project.succeed(["build", "--quantization", FORMATS.join(",")]));
  const rows = [...(await modelRows(project)), await cacheRow(project, first), await gateRow(project)];
  const result = rows.map((row) => ({ ...row, met: isMet(row) }));
  process.stdout.write(`${values.json ? JSON.stringify(result, null, 2) : rows.map(describe).join("\n")}\n`);
  if (values.check && !rows.every(isMet)) process.exitCode = 1;
} finally {
  await project.remove();
}
