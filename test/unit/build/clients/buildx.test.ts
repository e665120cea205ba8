import { chmod, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { type BakeRun, resolveBases, runBake } from "../../../../build/clients/buildx.ts";
import { npmSecrets } from "../../../../build/clients/npm.ts";
import type { BuildStatus } from "../../../../build/clients/rawjson.ts";
import { temporaryFolder, writeTree } from "../../../support/folder.ts";
import { refusal } from "../../../support/refusal.ts";

const FILE = { group: { default: { targets: ["a"] } }, target: { a: { context: "." } } };
const DIGEST = `sha256:${"1".repeat(64)}`;

let folder: string;
let scratch: string;

/** A `docker` that notes its arguments and input, and then does what the script says; $metadata is the metadata file. */
async function fakeDocker(script: string): Promise<void> {
  const docker = `#!/bin/sh
printf '%s\\n' "$@" > ${folder}/args
cat > ${folder}/stdin
env > ${folder}/env
while [ $# -gt 0 ]; do
  if [ "$1" = --metadata-file ]; then metadata=$2; fi
  shift
done
${script}
`;
  await writeTree(folder, { "bin/docker": docker });
  await chmod(join(folder, "bin/docker"), 0o755);
}

const note = (name: string) => readFile(join(folder, name), "utf8");

const told: BuildStatus[] = [];
const run = (more: Partial<BakeRun> = {}): BakeRun => ({
  signal: new AbortController().signal,
  listen: (status) => told.push(status),
  ...more,
});

beforeEach(async () => {
  told.length = 0;
  folder = await temporaryFolder();
  scratch = await temporaryFolder();
  vi.stubEnv("PATH", `${join(folder, "bin")}:${process.env["PATH"]}`);
  vi.stubEnv("TMPDIR", scratch);
});

describe("a build that succeeds", () => {
  test("returns what the metadata file says of each target", async () => {
    await fakeDocker(
      `echo '{"a":{"containerimage.digest":"${DIGEST}","containerimage.config.digest":"${DIGEST}","x":1}}' > "$metadata"`,
    );
    expect(await runBake(FILE, run())).toEqual({
      a: { "containerimage.digest": DIGEST, "containerimage.config.digest": DIGEST },
    });
    expect(JSON.parse(await note("stdin"))).toEqual(FILE);
  });

  test("tells of each step", async () => {
    await fakeDocker(
      `echo '{"vertexes":[{"digest":"sha256:1","name":"[a 1/1] RUN x","completed":"2026-11-23T13:54:45Z","cached":true}]}' >&2
       echo '{}' > "$metadata"`,
    );
    await runBake(FILE, run());
    expect(told.flatMap(({ steps }) => steps)).toMatchObject([{ name: "[a 1/1] RUN x", cached: true }]);
    expect((await note("args")).split("\n")).toContain("--progress=rawjson");
  });

  test("hands the user's proxies to every step, and the variables of npm's settings", async () => {
    await fakeDocker(`echo '{}' > "$metadata"`);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: npm's own syntax
    await writeTree(folder, { ".npmrc": "//registry.example/:_authToken=${OWN_TOKEN}" });
    vi.stubEnv("HTTPS_PROXY", "http://user:a%{b@proxy.example:3128");
    vi.stubEnv("OWN_TOKEN", "abc");
    const secret = npmSecrets("npmrc", join(folder, ".npmrc"));
    const b = { context: ".", args: { NODE: "x" }, secret };
    await runBake({ ...FILE, target: { ...FILE.target, b } }, run());
    const { target } = JSON.parse(await note("stdin"));
    // bake evaluates %{…}.
    const HTTPS_PROXY = "http://user:a%%{b@proxy.example:3128";
    expect(target).toMatchObject({ a: { args: { HTTPS_PROXY } }, b: { args: { HTTPS_PROXY, NODE: "x" } } });
    expect(await note("env")).toContain("MKIMAGE_NPM_ENV=OWN_TOKEN='abc'\n");
    expect(await note("args")).not.toMatch(/proxy|abc/);
  });

  test("asks for no attestation, and for no cache only when told", async () => {
    await fakeDocker(`echo '{}' > "$metadata"`);
    await runBake(FILE, run());
    expect(await note("args")).not.toContain("--no-cache");
    expect(await note("env")).toContain("BUILDX_NO_DEFAULT_ATTESTATIONS=1");
    await runBake(FILE, run({ noCache: true, env: { DOCKER_CONFIG: "/private" } }));
    expect(await note("args")).toContain("--no-cache");
    expect(await note("env")).toContain("DOCKER_CONFIG=/private");
  });

  test("leaves no temporary file", async () => {
    await fakeDocker(`echo '{}' > "$metadata"`);
    await runBake(FILE, run());
    expect(await readdir(scratch)).toEqual([]);
  });
});

describe("a build that fails", () => {
  test("shows the failing step's own last lines and ends with exit code 1", async () => {
    const log = Buffer.from("npm error code ERESOLVE\nnpm error could not resolve\n").toString("base64");
    await fakeDocker(
      `echo '{"logs":[{"vertex":"sha256:1","data":"${log}"}]}' >&2
       echo '{"vertexes":[{"digest":"sha256:1","name":"[packages 4/4] RUN npm ci","completed":"2026-11-23T13:54:45Z","error":"exit code: 1"}]}' >&2
       echo 'ERROR: target a: failed to solve: exit code: 1' >&2
       exit 1`,
    );
    const error = await refusal(() => runBake(FILE, run()));
    expect(error.exitCode).toBe(1);
    expect(error.message.split("\n")).toEqual([
      "docker buildx bake failed",
      "Step failed: [packages 4/4] RUN npm ci",
      "  npm error code ERESOLVE",
      "  npm error could not resolve",
      "exit code: 1",
    ]);
    expect(await readdir(scratch)).toEqual([]);
  });

  test("because a step of ours refuses its input shows what that step says, and nothing around it", async () => {
    const table = 'warning: x\nmkimage: not as accurate\nsample  cosine\n"a"     0.5\n';
    await fakeDocker(
      `echo '{"logs":[{"vertex":"sha256:1","data":"${Buffer.from(table).toString("base64")}"}]}' >&2
       echo '{"vertexes":[{"digest":"sha256:1","name":"[passed 1/1] RUN x","completed":"2026-11-23T13:54:45Z","error":"exit code: 1"}]}' >&2
       exit 1`,
    );
    const error = await refusal(() => runBake(FILE, run()));
    expect(error).toMatchObject({ exitCode: 1, message: 'not as accurate\nsample  cosine\n"a"     0.5' });
  });

  test("outside of a step shows buildx's own last messages", async () => {
    await fakeDocker(`echo 'ERROR: failed to parse -' >&2; exit 1`);
    const error = await refusal(() => runBake(FILE, run()));
    expect(error).toMatchObject({
      exitCode: 1,
      message: "docker buildx bake failed\nERROR: failed to parse -",
    });
  });

  test("for want of an engine ends with exit code 3", async () => {
    await fakeDocker(
      `echo 'ERROR: Cannot connect to the Docker daemon at unix:///x. Is it running?' >&2; exit 1`,
    );
    expect(await refusal(() => runBake(FILE, run()))).toMatchObject({
      exitCode: 3,
      message: expect.stringContaining("The Docker engine does not answer: ERROR: Cannot connect"),
    });
  });

  test("for want of a builder that answers ends with exit code 3", async () => {
    await fakeDocker(
      `echo '{"vertexes":[{"digest":"sha256:1","name":"[internal] waiting for connection","completed":"2026-11-23T13:54:45Z","error":"context deadline exceeded"}]}' >&2
       echo 'ERROR: context deadline exceeded' >&2; exit 1`,
    );
    expect(await refusal(() => runBake(FILE, run()))).toMatchObject({
      exitCode: 3,
      message: expect.stringContaining("The current builder of docker buildx does not answer"),
    });
  });

  test("for want of the docker command ends with exit code 3", async () => {
    vi.stubEnv("PATH", join(folder, "bin"));
    expect(await refusal(() => runBake(FILE, run()))).toMatchObject({
      exitCode: 3,
      message: "The docker command is not installed",
    });
  });
});

test("Ctrl-C ends the client, throws the signal's reason and leaves no temporary file", async () => {
  await fakeDocker(`echo started >&2; exec sleep 60`);
  const controller = new AbortController();
  const reason = new Error("SIGINT");
  const result = runBake(FILE, run({ signal: controller.signal })).catch((error: unknown) => error);
  await vi.waitFor(async () => expect(await note("env")).not.toBe(""));
  controller.abort(reason);
  expect(await result).toBe(reason);
  expect(await readdir(scratch)).toEqual([]);
});

describe("digests of bases", () => {
  test("are those that the builder resolved, in one run", async () => {
    const facts = (reference: string) =>
      `{"buildx.build.provenance":{"materials":[{"uri":"pkg:docker/${reference}","digest":{"sha256":"${"2".repeat(64)}"}}]}}`;
    await fakeDocker(`echo '{"base0":${facts("alpine@3.23")},"base1":{}}' > "$metadata"`);
    expect(await resolveBases(["alpine:3.23", `debian@${DIGEST}`, "local:1"], run())).toEqual({
      "alpine:3.23": `sha256:${"2".repeat(64)}`,
    });
    expect(JSON.parse(await note("stdin")).target).toMatchObject({
      base0: { "dockerfile-inline": "FROM alpine:3.23\n" },
      base1: { "dockerfile-inline": "FROM local:1\n" },
    });
    expect(await note("env")).toContain("BUILDX_METADATA_PROVENANCE=min");
  });

  test("need no run when every reference has one", async () => {
    await fakeDocker("exit 1");
    expect(await resolveBases([`debian@${DIGEST}`], run())).toEqual({});
  });
});
