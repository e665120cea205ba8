import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { execa } from "execa";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { READY, SPEC } from "../support/hub-project.ts";
import { mkimage } from "../support/mkimage.ts";

const KEY = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", AWS_REGION: "us-east-1" };
const bucket = `models-${randomUUID()}`;
const model = randomBytes(6_000_000);
let endpoint = "";
let s3: S3Client;

const put = (key: string, content: Buffer | string) =>
  s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: content }));

beforeAll(async () => {
  const { stdout } = await execa(join(TOOL_ROOT, "test/aws/up"));
  endpoint = stdout.replace("AWS_ENDPOINT_URL=", "");
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  s3 = new S3Client({ endpoint, region: "us-east-1", credentials, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await put("team/tiny/onnx/model.onnx", model);
  await put("team/tiny/tokenizer.json", "{}");
});

async function s3Project(source = `s3://${bucket}/team/tiny/`) {
  const folder = await mkdtemp(join(tmpdir(), "mkimage-s3-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await execa("mkdir", [join(folder, "models")]);
  await writeFile(join(folder, "mkimage.json"), JSON.stringify({ functions: { embed: { model: "tiny" } } }));
  await writeFile(join(folder, "models/tiny.json"), JSON.stringify({ ...SPEC, source }));
  return {
    folder,
    run: (args: readonly string[], env: Record<string, string | undefined> = {}) =>
      mkimage(args, {
        cwd: folder,
        env: { ...KEY, AWS_ENDPOINT_URL: endpoint, MKIMAGE_CACHE: join(folder, "cache"), ...env },
      }),
  };
}

test("a model in a bucket is locked, fetched and checked", async () => {
  const { folder, run } = await s3Project();
  const locked = await run(["lock"]);
  expect(locked.exitCode, locked.stderr).toBe(0);
  const lock = JSON.parse(await readFile(join(folder, "models/lock.json"), "utf8"));
  expect(lock.models.tiny.files["model.onnx"]).toMatchObject({
    source: `s3://${bucket}/team/tiny/`,
    path: "onnx/model.onnx",
    size: 6_000_000,
  });
  expect(await run(READY)).toMatchObject({ exitCode: 0 });
  const again = await run(["lock", "--check"]);
  expect(again, "its ETag says that it is the same").toMatchObject({ exitCode: 0, stderr: "" });
  const empty = await run(READY, { MKIMAGE_CACHE: join(folder, "other") });
  expect(empty.exitCode, empty.stderr).toBe(0);
  expect(await readdir(join(folder, "other/partial"))).toEqual([]);
});

test("an object that was replaced is noticed: by the check, and by a build that has to fetch it", async () => {
  const key = `${randomUUID()}/onnx/model.onnx`;
  await put(key, "first");
  await put(key.replace("onnx/model.onnx", "tokenizer.json"), "{}");
  const { folder, run } = await s3Project(`s3://${bucket}/${key.split("/")[0]}`);
  expect(await run(["lock"])).toMatchObject({ exitCode: 0 });
  await put(key, "second");
  expect(await run(["lock", "--check"])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/tiny: model\.onnx: sha256 \w{12} → \w{12}, 5 → 6 bytes/),
  });
  expect(await run(READY)).toMatchObject({ exitCode: 0 });
  expect(await run(READY, { MKIMAGE_CACHE: join(folder, "other") })).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("the lock says"),
  });
});

test.each([
  {
    what: "a bucket that does not exist",
    source: "s3://no-such-bucket-of-ours/x",
    says: /No (?:bucket|object)/,
    code: 2,
  },
  {
    what: "an object that does not exist",
    source: `s3://${bucket}/nope`,
    says: /No object s3:\/\/.*\/nope\//,
    code: 2,
  },
  { what: "an address that is none", source: "s3://A", says: /Cannot read model source/, code: 2 },
])("$what: exit code $code", async ({ source, says, code }) => {
  const { run } = await s3Project(source);
  expect(await run(["lock"])).toMatchObject({ exitCode: code, stderr: expect.stringMatching(says) });
});

test.each([
  { what: "no network", env: { AWS_ENDPOINT_URL: "http://127.0.0.1:65530" }, says: /AWS does not answer/ },
  {
    what: "no credentials",
    env: {
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_SHARED_CREDENTIALS_FILE: "/nonexistent",
      AWS_CONFIG_FILE: "/nonexistent",
    },
    says: /No AWS credentials/,
  },
  {
    what: "a key that nobody knows",
    env: { AWS_ACCESS_KEY_ID: "AKIAUNKNOWN" },
    says: /AWS (?:does not accept|denies)/,
  },
])("$what: exit code 3", async ({ env, says }) => {
  const { run } = await s3Project();
  expect(await run(["lock"], env)).toMatchObject({ exitCode: 3, stderr: expect.stringMatching(says) });
});
