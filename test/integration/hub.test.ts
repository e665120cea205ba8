import { createHash } from "node:crypto";
import { lstat, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { COMMIT, hubProject, READY, tinyRepo } from "../support/hub-project.ts";
import { onnxFile } from "../support/onnx.ts";

const sha256 = (content: Buffer | string) => createHash("sha256").update(content).digest("hex");

describe("a model on the hub", () => {
  test("is described by its own files, and locked at its commit", async () => {
    const project = await hubProject({ locked: false });
    await project.write("mkimage.json", { functions: { embed: { model: "small" } } });
    const { exitCode, stdout, stderr } = await project.run([
      "models",
      "add",
      "hf:acme/tiny@main",
      "--task",
      "feature-extraction",
      "--name",
      "small",
    ]);
    expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 0, stdout: "models/small.json" });
    expect(JSON.parse(await project.read("models/small.json"))).toMatchObject({
      license: "Apache-2.0",
      task: "feature-extraction",
      source: "hf:acme/tiny@main",
      files: {
        "model.onnx": "onnx/model.onnx",
        "tokenizer.json": "tokenizer.json",
        "tokenizer_config.json": "tokenizer_config.json",
        "config.json": "config.json",
      },
      maxTokens: 512,
      pooling: "cls",
      normalize: false,
    });
    const asked = project.hub.seen.filter(({ path }) => /\/api\/models\/acme\/tiny\/revision\//.test(path));
    expect(
      asked.map(({ path }) => path.replace(/\?.*/, "")),
      "the branch is looked at once",
    ).toEqual(["/api/models/acme/tiny/revision/main"]);
    const { models } = JSON.parse(await project.read("models/lock.json"));
    expect(models.small.commits).toEqual({ "hf:acme/tiny@main": COMMIT });
    expect(models.small.files["model.onnx"]).toEqual({
      source: "hf:acme/tiny@main",
      path: "onnx/model.onnx",
      size: 3_000_000,
      sha256: sha256(project.model),
    });
    expect(project.hub.sent("onnx/model.onnx"), "fetched once, for what only the graph says").toBe(3_000_000);
    expect(await project.run(READY), "and not again for the build").toMatchObject({ exitCode: 0 });
    expect(project.hub.sent("onnx/model.onnx")).toBe(3_000_000);
  });

  test("is locked without fetching its large files", async () => {
    const project = await hubProject();
    expect(project.hub.sent("onnx/model.onnx"), "the hub says size and sha256 of large files").toBe(0);
  });

  test("has weights in files of any name, and says itself how it makes vectors", async () => {
    const repo = tinyRepo();
    const graph = onnxFile({
      locations: ["weights.bin", "parts/two.bin"],
      outputs: { token_embeddings: 3, sentence_embedding: 2 },
    });
    Object.assign(repo.commits[COMMIT] as object, {
      "onnx/model.onnx": graph,
      "onnx/weights.bin": "16 bytes of data",
      "onnx/parts/two.bin": "16 bytes of data",
      "modules.json": JSON.stringify([
        { path: "", type: "sentence_transformers.models.Transformer" },
        { path: "1_Pooling", type: "sentence_transformers.models.Pooling" },
        { path: "2_Dense", type: "sentence_transformers.models.Dense" },
        { path: "3_Normalize", type: "sentence_transformers.models.Normalize" },
      ]),
      "config_sentence_transformers.json": '{"prompts":{"query":"q: "},"default_prompt_name":"query"}',
    });
    const project = await hubProject({ locked: false, repo });
    const add = ["models", "add", "hf:acme/tiny", "--task", "feature-extraction", "--force"];
    const { exitCode, stderr } = await project.run(add);
    expect(exitCode, stderr).toBe(0);
    const spec = JSON.parse(await project.read("models/tiny.json"));
    expect(spec).toMatchObject({
      files: { "weights.bin": "onnx/weights.bin", "parts/two.bin": "onnx/parts/two.bin" },
      outputs: { vectors: "sentence_embedding" },
      normalize: true,
      prompts: { query: "q: " },
      defaultPromptName: "query",
    });
    expect(spec).not.toHaveProperty("pooling");
    expect((await project.run(READY)).exitCode).toBe(0);

    (repo.commits[COMMIT] as Record<string, Buffer>)["onnx/model.onnx"] = onnxFile();
    expect(await project.run(add)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("after its graph: modules.json has Dense"),
    });
  });

  test("that has a spec is not replaced without --force", async () => {
    const project = await hubProject();
    const before = await project.read("models/tiny.json");
    const add = ["models", "add", "hf:acme/tiny", "--task", "feature-extraction"];
    expect(await project.run(add)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("--force") });
    expect(await project.read("models/tiny.json")).toBe(before);
    expect(await project.run([...add, "--force"])).toMatchObject({ exitCode: 0 });
    expect(await project.read("models/tiny.json")).not.toBe(before);
  });

  test("is fetched once, and needs no network after that", async () => {
    const project = await hubProject();
    expect(await project.run(READY)).toMatchObject({ exitCode: 0 });
    expect(project.hub.sent("onnx/model.onnx")).toBe(3_000_000);
    project.hub.seen.length = 0;
    expect(await project.run(READY)).toMatchObject({ exitCode: 0 });
    expect(project.hub.seen).toEqual([]);
    expect(await project.run(READY, { HF_ENDPOINT: "http://127.0.0.1:65530" })).toMatchObject({
      exitCode: 0,
    });
    expect(await project.run(READY, { HF_HUB_OFFLINE: "1" })).toMatchObject({ exitCode: 0 });
  });

  test("is taken from Hugging Face's own cache, whose symbolic links stay there", async () => {
    const project = await hubProject();
    const repo = join(project.folder, "huggingface/hub/models--acme--tiny");
    const snapshot = join(repo, "snapshots", COMMIT);
    await mkdir(join(snapshot, "onnx"), { recursive: true });
    await mkdir(join(repo, "blobs"));
    await writeFile(join(repo, "blobs/1"), project.model);
    await writeFile(join(repo, "blobs/2"), '{"version":"1.0"}');
    await symlink("../../../blobs/1", join(snapshot, "onnx/model.onnx"));
    await symlink("../../blobs/2", join(snapshot, "tokenizer.json"));
    project.hub.seen.length = 0;
    const env = { HF_HUB_OFFLINE: "1", MKIMAGE_CACHE: join(project.folder, "cache/other") };
    const { exitCode, stderr } = await project.run(READY, env);
    expect(exitCode, stderr).toBe(0);
    expect(project.hub.seen).toEqual([]);
    const files = await project.cached("other/trees");
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) expect((await lstat(file)).isFile(), file).toBe(true);
    expect((await lstat(join(snapshot, "onnx/model.onnx"))).isSymbolicLink()).toBe(true);
  });

  test("is one download for several processes at once", async () => {
    const project = await hubProject();
    project.hub.faults["onnx/model.onnx"] = { pause: 100 };
    const runs = await Promise.all([1, 2, 3, 4].map(() => project.run(READY)));
    for (const { exitCode, stderr } of runs) expect(exitCode, stderr).toBe(0);
    expect(project.hub.sent("onnx/model.onnx")).toBe(3_000_000);
    expect(runs.filter(({ stderr }) => stderr.includes("waiting for another mkimage"))).not.toEqual([]);
    for (const blob of await project.cached("blobs")) {
      expect(sha256(await readFile(blob)), "content is named by its sha256").toBe(blob.split("/").at(-1));
    }
  });
});

describe("the lock", () => {
  test("is checked against what the sources have now", async () => {
    const project = await hubProject();
    expect(await project.run(["lock", "--check"])).toMatchObject({
      exitCode: 0,
      stdout: "models/lock.json is current",
    });
    const before = await project.read("models/lock.json");
    const moved = "b".repeat(40);
    const files = project.hub.repos["acme/tiny"]?.commits[COMMIT] ?? {};
    (project.hub.repos["acme/tiny"] as { commits: object }).commits = {
      [COMMIT]: files,
      [moved]: { ...files, "tokenizer.json": "{}" },
    };
    const { exitCode, stderr } = await project.run(["lock", "--check"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`tiny: hf:acme/tiny: commit ${COMMIT.slice(0, 12)} → ${moved.slice(0, 12)}`);
    expect(stderr).toMatch(/tiny: tokenizer\.json: sha256 \w{12} → \w{12}, 17 → 2 bytes/);
    expect(stderr).not.toContain("model.onnx");
    expect(await project.read("models/lock.json")).toBe(before);

    // The branch has moved; what is locked is still what is built.
    const env = { MKIMAGE_CACHE: join(project.folder, "cache/other") };
    expect(await project.run(READY, env)).toMatchObject({ exitCode: 0 });
    const tokenizers = (await project.cached("other/trees")).filter((path) =>
      path.endsWith("/tokenizer.json"),
    );
    for (const path of tokenizers) expect(await readFile(path, "utf8")).toBe('{"version":"1.0"}');
  });

  test("is refused when it is stale and frozen, and made anew when it is not", async () => {
    const project = await hubProject();
    const before = await project.read("models/lock.json");
    const spec = JSON.parse(await project.read("models/tiny.json"));
    await project.write("models/tiny.json", {
      ...spec,
      files: { ...spec.files, "config.json": "config.json" },
    });
    const frozen = await project.run(READY);
    expect(frozen).toMatchObject({ exitCode: 2, stdout: "" });
    expect(frozen.stderr).toContain("it is frozen\n  tiny: config.json is not locked");
    expect(await project.run([...READY, "--frozen"], { CI: undefined })).toMatchObject({ exitCode: 2 });
    expect(await project.read("models/lock.json")).toBe(before);
    const fresh = await project.run(READY, { CI: undefined });
    expect(fresh).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining("models/lock.json has changed: commit it"),
    });
    expect(JSON.parse(await project.read("models/lock.json")).models.tiny.files).toHaveProperty([
      "config.json",
    ]);
    expect(await project.run(READY)).toMatchObject({ exitCode: 0 });
  });

  test("that is missing is refused when frozen", async () => {
    const project = await hubProject({ locked: false });
    expect(await project.run(READY)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("tiny: is not locked"),
    });
  });
});

describe("a token", () => {
  const TOKEN = "hf_secretOfThisTest0123456789";
  const gated = () => ({ ...tinyRepo(), gated: TOKEN });

  test("opens a gated model, goes to no other host, and is nowhere afterwards", async () => {
    const project = await hubProject({ locked: false, repo: gated() });
    expect(await project.run(["lock"], { HF_TOKEN: TOKEN })).toMatchObject({ exitCode: 0 });
    await mkdir(join(project.folder, "huggingface"), { recursive: true });
    await writeFile(join(project.folder, "token"), `${TOKEN}\n`);
    const ready = await project.run(READY, { HF_TOKEN_PATH: join(project.folder, "token") });
    expect(ready.exitCode, ready.stderr).toBe(0);
    const [cdn, hub] = [
      project.hub.seen.filter(({ host }) => host === "cdn"),
      project.hub.seen.filter(({ host }) => host === "hub"),
    ];
    expect(cdn.map(({ status, authorization }) => ({ status, authorization }))).toEqual([
      { status: 200, authorization: undefined },
    ]);
    expect(new Set(hub.map(({ authorization }) => authorization))).toEqual(new Set([`Bearer ${TOKEN}`]));
    expect(ready.stdout + ready.stderr + (await project.read("models/lock.json"))).not.toContain(TOKEN);
    for (const path of await project.cached("."))
      expect((await readFile(path)).includes(TOKEN), path).toBe(false);
  });
});
