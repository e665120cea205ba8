import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mkimage } from "../support/mkimage.ts";
import { makeProject, type Project } from "../support/project.ts";

/** What a newcomer may meet, in the order of a first hour: each is told in a line, with what mends it in the next one. */
interface Mistake {
  readonly args: string;
  readonly says: string;
  readonly cure: string;
  readonly exit: number;
}

const NO_CONFIG = { says: "No mkimage.json at ", cure: "`mkimage init hf:OWNER/NAME` writes one", exit: 2 };
const IN_AN_EMPTY_FOLDER: readonly Mistake[] = [
  ...["build", "test", "up", "push", "inspect", "bench", "deploy", "status", "release"].map((args) => ({
    args,
    ...NO_CONFIG,
  })),
  { args: "build --config nowhere/mkimage.json", ...NO_CONFIG },
  { args: "init", says: "Name a model: there is no terminal to ask on", cure: "mkimage init hf:", exit: 2 },
  { args: "init file:weights", says: "/weights is not there", cure: "file:DIR", exit: 2 },
  { args: "init hf:a/b", says: "Cannot ask 127.0.0.1", cure: "Check the network", exit: 3 },
  { args: "init hf:a/b --task ner", says: 'Unknown task "ner"', cure: "token-classification", exit: 2 },
  { args: "report", says: "No results: there is no ", cure: "mkimage bench", exit: 2 },
  { args: "recommend --p95 50ms", says: "No results: there is no ", cure: "mkimage bench", exit: 2 },
  {
    args: "test --image alpine:3",
    says: "--image needs what it is to be sent",
    cure: "--event FILE",
    exit: 2,
  },
  {
    args: "test --image ./image --event package.json",
    says: "--image ./image is neither",
    cure: "NAME:TAG",
    exit: 2,
  },
  { args: "biuld", says: 'Unknown command "biuld"', cure: 'Did you mean "build"?', exit: 2 },
  { args: "build --arhc arm64", says: 'Unknown option "--arhc"', cure: 'Did you mean "--arch"?', exit: 2 },
];
const IN_A_PROJECT: readonly Mistake[] = [
  {
    args: "inspect --os alpine --arch amd64",
    says: "has not been built",
    cure: "mkimage build --function",
    exit: 1,
  },
  {
    args: "invoke {} --os alpine --arch amd64",
    says: "has not been built",
    cure: "mkimage build --function",
    exit: 1,
  },
  {
    args: "bench --os alpine --arch amd64",
    says: "has not been built",
    cure: "mkimage build --function",
    exit: 1,
  },
  {
    args: "invoke {}",
    says: "invoke takes one image, and 8 match",
    cure: "--os, --arch and --function",
    exit: 2,
  },
  {
    args: "build --model nope",
    says: 'Unknown model "nope": there is no models/nope.json',
    cure: "mkimage models add",
    exit: 2,
  },
  { args: "build --function nope", says: 'Unknown function "nope"', cure: "Known: ", exit: 2 },
  {
    args: "build --os alpin",
    says: 'Unknown operating system "alpin"',
    cure: 'Did you mean "alpine"?',
    exit: 2,
  },
  { args: "up --port 99999", says: "--port: 99999 is not valid", cure: "from 1 to 65535", exit: 2 },
  { args: "status", says: "No AWS region", cure: "AWS_REGION", exit: 3 },
  {
    args: "invoke --os alpine --arch amd64 --event no.json",
    says: "Cannot read the event from no.json: no such file or directory",
    cure: "the path of a JSON file",
    exit: 2,
  },
];

const ENV = {
  HF_ENDPOINT: "http://127.0.0.1:9",
  AWS_REGION: "",
  AWS_CONFIG_FILE: "/nowhere",
  AWS_PROFILE: "",
};
let project: Project;
let empty: string;
beforeAll(async () => {
  project = await makeProject();
  empty = await mkdtemp(join(tmpdir(), "mkimage-empty-"));
  await writeFile(join(empty, "package.json"), "{}");
});
afterAll(async () => {
  await project?.remove();
  await rm(empty, { recursive: true });
});

async function expectMistake({ args, says, cure, exit }: Mistake, cwd: string) {
  const { exitCode, stderr, stdout } = await mkimage(args.split(" "), { cwd, env: ENV });
  const lines = stderr.split("\n");
  const at = lines.findIndex((line) => line.startsWith("mkimage: "));
  expect({ args, exitCode, stdout, first: lines[at], next: lines.slice(at + 1).join("\n") }).toEqual({
    args,
    exitCode: exit,
    stdout: "",
    first: expect.stringContaining(says),
    next: expect.stringContaining(cure),
  });
  expect(stderr).not.toMatch(/\n {4}at |ENOENT|this is a bug|\bmake /);
}

test.each(IN_AN_EMPTY_FOLDER)("in an empty folder: mkimage $args", (mistake) =>
  expectMistake(mistake, empty),
);
test.each(IN_A_PROJECT)("in a project: mkimage $args", (mistake) => expectMistake(mistake, project.folder));

test("an engine that does not answer is told in a line by every command that needs one", async () => {
  for (const args of ["build", "test", "up", "bench", "inspect"]) {
    const env = { ...ENV, DOCKER_HOST: "unix:///nowhere.sock" };
    const { exitCode, stderr } = await mkimage([args], { cwd: project.folder, env });
    expect({ args, exitCode, first: stderr.split("\n")[0] }).toEqual({
      args,
      exitCode: 3,
      first: expect.stringContaining("mkimage: The Docker engine does not answer"),
    });
  }
});
