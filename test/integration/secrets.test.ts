import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import pMap from "p-map";
import { expect, test } from "vitest";
import { hubProject, READY, SPEC } from "../support/hub-project.ts";

/** In every user, password, query and token. */
const MARK = "marked";
const LOGIN = `${MARK}-user:${MARK}-p%40ss`;
const QUERY = `X-Amz-Signature=${MARK}&token=${MARK}`;
/** Nothing answers there. */
const GONE = "127.0.0.1:1";

const SECRETS = {
  HF_TOKEN: `hf_${MARK}`,
  AWS_ACCESS_KEY_ID: `AKIA${MARK}`,
  AWS_SECRET_ACCESS_KEY: MARK,
  AWS_SESSION_TOKEN: MARK,
  AWS_REGION: "eu-west-1",
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_MAX_ATTEMPTS: "1",
  AWS_ENDPOINT_URL: `http://${LOGIN}@${GONE}/?${QUERY}`,
  DOCKER_HOST: `tcp://${LOGIN}@${GONE}`,
  NPM_TOKEN: MARK,
  NPM_CONFIG_REGISTRY: `http://${LOGIN}@${GONE}/?${QUERY}`,
  PIP_INDEX_URL: `http://${LOGIN}@${GONE}/simple?${QUERY}`,
  PIP_RETRIES: "0",
};

const CELL = ["--os", "debian", "--arch", "amd64"];
const ADD = ["models", "add", "hf:acme/nope", "--task", "feature-extraction", "--name", "more"];
const web = (address: string) => ({
  task: "feature-extraction",
  files: {
    "model.onnx": { source: address, sha256: "0".repeat(64) },
    "tokenizer.json": { source: `https://${GONE}/tokenizer.json?${QUERY}`, sha256: "1".repeat(64) },
  },
});

/** The text of a project's files, the cache among them, as far as the tool has written them. */
async function written(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
  const texts = await Promise.all(paths.map((path) => readFile(path, "latin1")));
  return [...paths, ...texts].join("\n");
}

interface Failing {
  readonly what: string;
  readonly env?: Record<string, string>;
  readonly spec?: unknown;
  readonly args: readonly string[];
}

const FAILING: readonly Failing[] = [
  { what: "a hub that does not answer", env: { HF_ENDPOINT: `http://${LOGIN}@${GONE}/hf` }, args: ["lock"] },
  {
    what: "a hub's address with a query",
    env: { HF_ENDPOINT: `http://${LOGIN}@h/?${QUERY}` },
    args: ["lock"],
  },
  { what: "a hub's address that is none", env: { HF_ENDPOINT: `http://${MARK}:pa/ss@h` }, args: ["lock"] },
  { what: "a hub's address without a scheme", env: { HF_ENDPOINT: `${LOGIN}@hub.test` }, args: ADD },
  { what: "a repository that is not there", args: ADD },
  {
    what: "a proxy that does not answer",
    env: { HTTP_PROXY: `http://${LOGIN}@${GONE}`, HF_ENDPOINT: "http://h.test" },
    args: ["lock"],
  },
  { what: "a proxy of another kind", env: { HTTP_PROXY: `socks5://${LOGIN}@${GONE}` }, args: ["lock"] },
  { what: "a proxy's address that is none", env: { HTTPS_PROXY: `http://${MARK}:pa/ss@h` }, args: ["lock"] },
  { what: "a presigned address", spec: web(`https://${GONE}/model.onnx?${QUERY}`), args: ["lock"] },
  {
    what: "a presigned address in an error as JSON",
    spec: web(`https://${GONE}/m.onnx?${QUERY}`),
    args: ["lock", "--json"],
  },
  { what: "an address with a login", spec: web(`https://${LOGIN}@${GONE}/model.onnx`), args: ["lock"] },
  { what: "an address that is none", spec: web(`https://${MARK}:pa/ss@h/model.onnx?${QUERY}`), args: READY },
  { what: "an address of another kind", spec: web(`http://${LOGIN}@${GONE}/x?${QUERY}`), args: ["lock"] },
  {
    what: "a spec that is not JSON",
    spec: `{"source": "https://${LOGIN}@h/x?${QUERY}", ${MARK}}`,
    args: ["lock"],
  },
  { what: "a bucket", spec: { ...SPEC, source: "s3://bucket/tiny" }, args: ["lock"] },
  { what: "a package index", spec: { ...SPEC, source: "pypi:mkimage-no-such@1.0" }, args: ["lock"] },
  {
    what: "a spec that is shown",
    spec: web(`https://${LOGIN}@${GONE}/x?${QUERY}`),
    args: ["models", "show", "tiny", "--json"],
  },
  { what: "a list of models", spec: web(`https://${GONE}/x?${QUERY}`), args: ["models", "list", "--json"] },
  { what: "an engine that does not answer", args: ["build", ...CELL] },
  { what: "a remote engine", env: { DOCKER_HOST: `ssh://${LOGIN}@${GONE}` }, args: ["test", ...CELL] },
  {
    what: "an engine's address that is none",
    env: { DOCKER_HOST: `http://${MARK}:pa/ss@h` },
    args: ["invoke", ...CELL, "{}"],
  },
  { what: "a bake file", args: READY },
  { what: "a registry", args: ["push", "--image-version", "1", ...CELL] },
  { what: "a machine that is examined", args: ["doctor", "--json"] },
];

async function run({ what, env, spec, args }: Failing) {
  const project = await hubProject({ locked: false });
  const hub = project.hub.url.replace("//", `//${LOGIN}@`);
  if (spec) await project.write("models/tiny.json", spec);
  const { stdout, stderr } = await project.run(args, { ...SECRETS, HF_ENDPOINT: hub, ...env });
  await rm(join(project.folder, "models/tiny.json"));
  const lines = [stdout, stderr, await written(project.folder)].join("\n").split("\n");
  const leaks = lines.filter((line) => line.includes(MARK) || line.includes("this is a bug"));
  return { what, said: `${stdout}${stderr}`.length > 0, leaks };
}

test("users, passwords, queries and tokens are in nothing that is printed or written", async () => {
  const found = await pMap(FAILING, run, { concurrency: 3 });
  expect(found).toEqual(FAILING.map(({ what }) => ({ what, said: true, leaks: [] })));
});

test("user and password of HF_ENDPOINT are sent to the hub alone, and a token in their place", async () => {
  const { hub, run } = await hubProject({ locked: false });
  const HF_ENDPOINT = hub.url.replace("//", `//${LOGIN}@`);
  expect(await run(["lock"], { HF_ENDPOINT })).toMatchObject({ exitCode: 0 });
  const basic = `Basic ${Buffer.from(`${MARK}-user:${MARK}-p@ss`).toString("base64")}`;
  expect(hub.seen.map(({ authorization }) => authorization)).toContain(basic);
  expect(hub.seen.filter(({ host }) => host !== "hub").every((each) => !each.authorization)).toBe(true);
  hub.seen.length = 0;
  await run(["lock", "--check"], { HF_ENDPOINT, HF_TOKEN: "hf_x" });
  expect(new Set(hub.seen.map(({ authorization }) => authorization))).toEqual(new Set(["Bearer hf_x"]));
});
