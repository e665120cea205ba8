/**
 * Quantizing on two nodes against one: `make bench-nodes`, or `node test/bench/nodes.ts [--check] [--json]`. Two models become
 * int8 for both architectures, which are four quantizations and comparisons with their sources. Each node stands for a machine
 * of one core: its BuildKit and all that this starts are bound to a core of their own (taskset). What is measured is the time
 * from the first of the four steps to the end of the last, by the nodes' own records; packages, bases and the program are there
 * before. Needs a current builder of the driver `remote`, and two cores.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { boundBuilder, type FreshBuilder, twoNodeBuilder } from "../support/builder.ts";
import { makeProject, type Project } from "../support/project.ts";
import { thisCpu } from "./cpu.ts";
import { report } from "./figure.ts";

const MODELS = ["paraphrase-minilm-l3", "all-minilm-l6-v2"];

const say = (line: string) => process.stderr.write(`${line}\n`);

interface BuildRecord {
  readonly name: string;
  readonly created_at: string;
  readonly completed_at: string;
}

/** The steps of models that a builder has made since a time; buildx names some of them without their folder. */
async function quantizations({ env }: FreshBuilder, since: Date): Promise<BuildRecord[]> {
  const list = ["buildx", "history", "ls", "--no-trunc", "--format", "json"];
  const { stdout } = await execa("docker", list, { env });
  const records = stdout.split("\n").map((line) => JSON.parse(line) as BuildRecord);
  return records.filter(({ name, created_at }) => /\breport\b/.test(name) && new Date(created_at) >= since);
}

/** Seconds that a new builder takes for the four. */
async function measure(project: Project, builder: FreshBuilder): Promise<number> {
  const build = (...options: string[]) =>
    execa(
      process.execPath,
      [
        join(TOOL_ROOT, "build/cli.ts"),
        "build",
        "--frozen",
        "--output",
        `oci=${project.folder}/out`,
        ...options,
      ],
      { cwd: project.folder, env: { ...builder.env, CI: "1" }, stdin: "ignore" },
    );
  try {
    await build("--quantization", "fp32", "--function", MODELS[0] as string);
    const since = new Date();
    await build("--quantization", "int8");
    const own = (await quantizations(builder, since)).map((each) => ({
      from: Date.parse(each.created_at),
      to: Date.parse(each.completed_at),
    }));
    if (own.length !== 4) throw new Error(`${own.length} quantizations where four were to be made`);
    return (Math.max(...own.map(({ to }) => to)) - Math.min(...own.map(({ from }) => from))) / 1000;
  } finally {
    await builder.remove();
  }
}

if (availableParallelism() < 2) throw new Error("two nodes need two cores");
say(`${await thisCpu()}, ${availableParallelism()} cores; each node has one of them`);
const project = await makeProject({
  functions: Object.fromEntries(MODELS.map((model) => [model, { model }])),
  os: ["alpine"],
});
try {
  const ours = await measure(project, await twoNodeBuilder({ cores: [0, 1] }));
  say(`two nodes: ${ours.toFixed(1)} s`);
  const theirs = await measure(project, await boundBuilder(0));
  say(`one node: ${theirs.toFixed(1)} s`);
  report([
    { name: "four quantizations on two nodes", against: "on one node", ours, theirs, unit: "s", goal: 0.6 },
  ]);
} finally {
  await project.remove();
}
