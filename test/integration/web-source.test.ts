import { createHash, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { READY } from "../support/hub-project.ts";
import { mkimage } from "../support/mkimage.ts";

const model = randomBytes(2_000_000);
const sha256 = (content: Buffer | string) => createHash("sha256").update(content).digest("hex");
const requests: string[] = [];
let folder: string;
let url: string;
let close: () => void;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mkimage-web-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  await execa("openssl", [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    key,
    "-out",
    cert,
    "-days",
    "2",
    ...subject,
  ]);
  const files: Record<string, Buffer> = { "/m/model.onnx": model, "/m/tokenizer.json": Buffer.from("{}") };
  const server = createServer(
    { key: await readFile(key), cert: await readFile(cert) },
    (request, response) => {
      requests.push(request.url ?? "");
      const content = files[URL.parse(request.url ?? "", "https://x")?.pathname ?? ""];
      if (content) response.writeHead(200, { "content-length": content.length }).end(content);
      else response.writeHead(404).end();
    },
  );
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  url = `https://localhost:${(server.address() as AddressInfo).port}`;
  close = () => {
    server.closeAllConnections();
    server.close();
  };
});

afterAll(async () => {
  close();
  await rm(folder, { recursive: true, force: true });
});

/** A model whose two files are on the server; what is given replaces the graph's entry. */
async function webProject(graph: Record<string, unknown> = {}) {
  const project = await mkdtemp(join(folder, "project-"));
  await mkdir(join(project, "models"));
  const files = {
    "model.onnx": { source: `${url}/m/model.onnx?download=1`, sha256: sha256(model), ...graph },
    "tokenizer.json": { source: `${url}/m/tokenizer.json`, sha256: sha256("{}") },
  };
  await writeFile(join(project, "mkimage.json"), JSON.stringify({ functions: { embed: { model: "tiny" } } }));
  await writeFile(join(project, "models/tiny.json"), JSON.stringify({ task: "feature-extraction", files }));
  const trusted = { NODE_EXTRA_CA_CERTS: join(folder, "cert.pem"), MKIMAGE_CACHE: join(project, "cache") };
  return {
    project,
    run: (args: readonly string[], env: Record<string, string | undefined> = {}) =>
      mkimage(args, { cwd: project, env: { ...trusted, ...env } }),
  };
}

test("a file of a web server is taken by its sha256, and asked for once", async () => {
  const { project, run } = await webProject();
  const locked = await run(["lock"]);
  expect(locked.exitCode, locked.stderr).toBe(0);
  const lock = JSON.parse(await readFile(join(project, "models/lock.json"), "utf8"));
  expect(lock.models.tiny.files["model.onnx"]).toEqual({
    source: `${url}/m/model.onnx`,
    path: "model.onnx",
    size: 2_000_000,
    sha256: sha256(model),
  });
  requests.length = 0;
  expect(await run(["lock", "--check"])).toMatchObject({ exitCode: 0 });
  expect(await run(READY)).toMatchObject({ exitCode: 0 });
  expect(requests).toEqual([]);
});

test("a presigned address is asked with its query, which the lock does not keep and may change", async () => {
  const { project, run } = await webProject();
  expect(await run(["lock"])).toMatchObject({ exitCode: 0 });
  const spec = join(project, "models/tiny.json");
  await writeFile(spec, (await readFile(spec, "utf8")).replace("download=1", "X-Amz-Signature=renewed"));
  await rm(join(project, "cache"), { recursive: true });
  requests.length = 0;
  const built = await run([...READY, "--frozen"]);
  expect(built.exitCode, built.stderr).toBe(0);
  expect(requests).toContain("/m/model.onnx?X-Amz-Signature=renewed");
  expect(await readFile(join(project, "models/lock.json"), "utf8")).not.toMatch(/download|Signature/);
});

test.each([
  { what: "without a sha256", graph: { sha256: undefined }, code: 2, says: "needs a sha256" },
  {
    what: "that is another file",
    graph: { sha256: "0".repeat(64) },
    code: 1,
    says: `the spec says ${"0".repeat(64)}`,
  },
  { what: "that is not there", graph: { source: "/gone.onnx" }, code: 2, says: "answers 404" },
  {
    what: "with a password in its address",
    graph: { source: "user:hunter2@" },
    code: 2,
    says: "has a user or a password in it",
  },
])("a file $what: exit code $code", async ({ graph, code, says }) => {
  const source = graph.source?.endsWith("@") ? url.replace("//", `//${graph.source}`) : url + graph.source;
  const { run } = await webProject({
    ...graph,
    ...(graph.source ? { source: source + (graph.source.endsWith("@") ? "/x.onnx" : "") } : {}),
  });
  const { exitCode, stderr } = await run(["lock"]);
  expect(exitCode, stderr).toBe(code);
  expect(stderr).toContain(says);
  expect(stderr).not.toContain("hunter2");
});

test("a server whose certificate is not trusted: exit code 3, and how to trust it", async () => {
  const { run } = await webProject();
  const { exitCode, stderr } = await run(["lock"], { NODE_EXTRA_CA_CERTS: undefined });
  expect(exitCode).toBe(3);
  expect(stderr).toContain("certificate is not trusted");
  expect(stderr).toContain("NODE_EXTRA_CA_CERTS");
});
