import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { docker } from "../../support/engine.ts";
import { mkimage, startMkimage } from "../../support/mkimage.ts";
import { onnxFile } from "../../support/onnx.ts";
import { MODEL, makeProject, type Project } from "../../support/project.ts";
import { add, FETCH, HubProject } from "../hub-project.ts";
import { silentRegistry } from "../registry.ts";
import { Secrets } from "../secrets.ts";
import { serveFile } from "../web.ts";
import type { Part } from "./part.ts";

const CELL = ["--os", "debian", "--arch", "amd64"];

/** Where the builder of `make engine` keeps what it has built. */
const BUILDKIT = `${process.env["MKIMAGE_STATE"] ?? "/var/lib/mkimage"}/buildkit`;

interface Printed {
  readonly exitCode?: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

type Environment = Record<string, string | undefined>;

/** Notes the secrets in what commands print. */
class Watch {
  readonly secrets = new Secrets();
  readonly found: string[] = [];
  readonly #say: (line: string) => void;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  note(where: string, kinds: readonly string[]): void {
    this.found.push(...kinds.map((kind) => `${kind}: ${where}`));
  }

  printed(args: readonly string[], { exitCode, stdout, stderr }: Printed): void {
    const kinds = this.secrets.in(stdout + stderr);
    this.#say(
      `secrets: mkimage ${args.slice(0, 3).join(" ")}: ${exitCode}${kinds.map((kind) => `  ← ${kind}`).join("")}`,
    );
    this.note(`printed by mkimage ${args.join(" ")}`, kinds);
  }
}

/** What a user may have in the environment. */
const credentials = (secrets: Secrets): Environment => ({
  AWS_ACCESS_KEY_ID: secrets.make("AWS_ACCESS_KEY_ID"),
  AWS_SECRET_ACCESS_KEY: secrets.make("AWS_SECRET_ACCESS_KEY"),
  AWS_SESSION_TOKEN: secrets.make("AWS_SESSION_TOKEN"),
  AWS_REGION: "eu-west-1",
  AWS_EC2_METADATA_DISABLED: "true",
  NPM_TOKEN: secrets.make("NPM_TOKEN"),
});

/** Models from a private hub, from a presigned address and from S3, each as it works and as it fails. */
async function fetching(watch: Watch): Promise<void> {
  const { secrets } = watch;
  const token = secrets.make("HF_TOKEN");
  await using project = await HubProject.make(["first", "second", "third"]);
  for (const repo of Object.values(project.hub.repos)) repo.private = token;
  const { host } = new URL(project.hub.url);
  const env = { ...credentials(secrets), HF_TOKEN: token };
  const model = onnxFile({ weights: Buffer.alloc(1000, 7) });
  await using web = await serveFile(model, project.folder);
  const presigned = (path: string) =>
    `${web.url}/${path}?X-Amz-Signature=${secrets.make(`presigned ${path}`)}`;
  const spec = (source: string, sha256 = web.sha256) => ({
    task: "feature-extraction",
    source: "hf:acme/first",
    files: { "model.onnx": { source, sha256 }, "tokenizer.json": "tokenizer.json" },
  });
  const run = async (args: readonly string[], changes: Environment = {}) =>
    watch.printed(args, await project.run(args, { ...env, ...changes }));
  const trusted = { NODE_EXTRA_CA_CERTS: web.certificate };

  await run(["lock"]);
  await run(add("second"));
  for (const args of [FETCH, ["models", "list"], ["models", "show", "first"], ["lock", "--check"]])
    await run(args);
  const fresh = {
    MKIMAGE_CACHE: join(project.folder, "other-cache"),
    HF_HOME: join(project.folder, "other"),
  };
  await run(FETCH, { ...fresh, HF_TOKEN: secrets.make("a wrong HF_TOKEN") });
  await run(["lock"], { ...fresh, HF_ENDPOINT: `http://user:${secrets.make("HF_ENDPOINT")}@${host}` });
  await run(add("third"), {
    HF_ENDPOINT: `http://user:${secrets.make("HF_ENDPOINT of nobody")}@127.0.0.1:1`,
  });
  const proxy = `http://user:${secrets.make("proxy")}@127.0.0.1:1`;
  const proxies = {
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    http_proxy: proxy,
    https_proxy: proxy,
    NO_PROXY: "",
    no_proxy: "",
  };
  await run(["lock"], { ...fresh, ...proxies, HF_ENDPOINT: "http://hub.test" });
  for (const [path, sha256] of [["file"], ["gone"], ["file", "0".repeat(64)]] as const) {
    await project.write("models/web.json", spec(presigned(path), sha256));
    await run(["lock"], trusted);
    await run(["lock"]);
    await run(["models", "show", "web"], trusted);
    await run(["lock", "--check"], trusted);
  }
  await project.write(
    "models/web.json",
    spec(`https://127.0.0.1:1/a?X-Amz-Signature=${secrets.make("unreachable")}`),
  );
  await run(["lock"], trusted);
  await project.write("models/web.json", {
    ...spec(""),
    source: "s3://bucket/prefix",
    files: { "model.onnx": "a" },
  });
  await run(["lock"], { AWS_ENDPOINT_URL: `http://user:${secrets.make("AWS_ENDPOINT_URL")}@127.0.0.1:1` });

  const lock = await readFile(join(project.folder, "models/lock.json"), "utf8");
  watch.note("in the lock", secrets.in(lock));
  for (const name of ["cache", "other-cache", "tmp"])
    watch.note(`in ${name}`, await secrets.inFolder(join(project.folder, name)));
}

/** A handler with secrets beside it, and a login at a registry; the image, its history and the builder's folder. */
async function building(watch: Watch, scratch: string): Promise<void> {
  const { secrets } = watch;
  const start = Date.now();
  const project = await makeProject();
  try {
    await writeSecretFiles(project, secrets);
    await project.writeConfig({
      functions: { [project.function]: { model: MODEL, handler: "src/handler.mjs", event: { inputs: "a" } } },
      repository: "mkimage-test/<function>",
    });
    const env = {
      ...credentials(secrets),
      HF_TOKEN: secrets.make("HF_TOKEN of a build"),
      TMPDIR: scratch,
      CI: undefined,
    };
    const run = async (args: readonly string[]) =>
      watch.printed(args, await mkimage(args, { cwd: project.folder, env }));
    for (const verb of ["build", "test", "inspect"]) await run([verb, ...CELL]);
    const reference = `${project.repository}:debian-amd64`;
    watch.note("in the image's history", secrets.in(await docker("history", "--no-trunc", reference)));
    watch.note("in the image's configuration", secrets.in(await docker("inspect", reference)));
    const saved = execa("docker", ["save", reference], { buffer: false, encoding: "buffer" });
    watch.note("in the image's layers", await secrets.inStream(saved.stdout));
    await saved;
    await killedPush(watch, project, { ...env, TMPDIR: scratch });
    watch.note("in the builder's folder", await secrets.inFolder(BUILDKIT, start));
    watch.note("in the temporary folder", await secrets.inFolder(scratch));
  } finally {
    await project.remove();
  }
}

async function writeSecretFiles({ folder }: Project, secrets: Secrets): Promise<void> {
  const files = {
    "src/handler.mjs": "export default async (event, { next }) => next(event);\n",
    "src/service-account.json": JSON.stringify({ private_key: secrets.make("service-account.json") }),
    "src/.env": `PASSWORD=${secrets.make(".env")}\n`,
    "src/id_rsa": `-----BEGIN OPENSSH PRIVATE KEY-----\n${secrets.make("id_rsa")}\n`,
    "src/package.json": '{"name":"handler","type":"module"}',
    "src/package-lock.json": '{"name":"handler","lockfileVersion":3,"packages":{"":{"name":"handler"}}}',
    "src/.npmrc": `//registry.example.com/:_authToken=${secrets.make(".npmrc")}\n`,
    "credentials.json": JSON.stringify({ key: secrets.make("credentials.json") }),
  };
  await mkdir(join(folder, "src"));
  for (const [path, content] of Object.entries(files)) await writeFile(join(folder, path), content);
}

/** A push that is killed while it sends; the next command removes the login that it had. */
async function killedPush(watch: Watch, { folder }: Project, env: Environment): Promise<void> {
  await using registry = await silentRegistry(watch.secrets.make("a registry's login"));
  const own = { ...env, AWS_ENDPOINT_URL: registry.url };
  const args = ["push", ...CELL, "--image-version", "1"];
  const push = startMkimage(args, { cwd: folder, env: own });
  const ended = await Promise.race([push, registry.pushed]);
  if (ended) watch.note(`push ended before it pushed: ${ended.stderr}`, ["nothing tried"]);
  else process.kill(-(push.pid as number), "SIGKILL");
  watch.printed(args, await push);
  await mkimage(["models", "list"], { cwd: folder, env: own });
}

/** Runs commands with secrets wherever a user may have them, and looks for them wherever they must not be. */
export const attackSecrets: Part = async ({ say }) => {
  const watch = new Watch(say);
  const scratch = await mkdtemp(join(tmpdir(), "mkimage-attack-"));
  const over = new AbortController();
  const inArguments = watch.secrets.inArguments(over.signal);
  try {
    await fetching(watch);
    await building(watch, scratch);
  } finally {
    over.abort();
    watch.note("seen in the table of processes", await inArguments);
    await rm(scratch, { recursive: true, force: true });
  }
  const found = [...new Set(watch.found)];
  return {
    goals: [
      {
        what: "secrets in logs, errors, lock, argv, layers or cache",
        found,
        of: watch.secrets.count,
      },
    ],
  };
};
