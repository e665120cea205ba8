import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { awsKeys, startAws } from "../support/aws.ts";
import { docker, dockerLines } from "../support/engine.ts";
import { temporaryFolder } from "../support/folder.ts";
import { startHub } from "../support/hub.ts";
import { COMMIT } from "../support/hub-project.ts";
import { mkimage } from "../support/mkimage.ts";

/** What needs another machine: `doctor` judges it, and `deploy` is told a role of the account (deploy.test.ts). */
const NOT_HERE = ["doctor", "deploy"];

/** The words of a command line of the page; in quotes are those with blanks. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");

/** The command lines of the page, in its order, without `npx mkimage`. */
async function commandsOf(page: string): Promise<string[][]> {
  const text = await readFile(join(TOOL_ROOT, page), "utf8");
  return text.split("\n").flatMap((line) => {
    const [, rest] = /^npx mkimage (.+)$/.exec(line) ?? [];
    return rest === undefined ? [] : [wordsOf(rest)];
  });
}

/** A small model for embeddings, as a repository of the hub. */
async function modelFiles(): Promise<Record<string, Buffer>> {
  const fetched = await mkimage(["models", "fetch", "--json"], { cwd: TOOL_ROOT });
  const [{ directory }] = JSON.parse(fetched.stdout);
  const files: Record<string, Buffer> = {};
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isDirectory()) files[path.slice(directory.length + 1)] = await readFile(path);
  }
  return files;
}

const project = `first-${randomBytes(4).toString("hex")}`;
let commands: string[][];

beforeAll(async () => {
  commands = await commandsOf("docs/first-steps.md");
});

afterAll(async () => {
  const images = await dockerLines("images", "--quiet", "--filter", `label=mkimage.project=${project}`);
  if (images.length > 0) await docker("rmi", "--force", ...new Set(images));
});

test("the commands of docs/first-steps.md lead from an empty folder to a registry", async () => {
  const repo = { commits: { [COMMIT]: await modelFiles() }, card: { pipeline_tag: "sentence-similarity" } };
  await using hub = await startHub({ "sentence-transformers/all-MiniLM-L6-v2": repo });
  const folder = await temporaryFolder({ "package.json": { name: project } });
  const env = {
    ...awsKeys(),
    AWS_ENDPOINT_URL: await startAws(),
    HF_ENDPOINT: hub.url,
    HF_HOME: join(folder, ".huggingface"),
    HF_TOKEN: undefined,
  };
  const run = commands.filter(([name = ""]) => !NOT_HERE.includes(name));
  expect(run.map(([name]) => name)).toEqual(["init", "build", "test", "invoke", "push"]);
  for (const args of run) {
    const { exitCode, stderr } = await mkimage(args, { cwd: folder, env });
    expect(exitCode, `${args.join(" ")}: ${stderr}`).toBe(0);
    if (args[0] !== "init") continue;
    for (const path of ["mkimage.json", "models/all-minilm-l6-v2.json", "models/lock.json"])
      expect(JSON.parse(await readFile(join(folder, path), "utf8"))).toBeTypeOf("object");
  }
});
