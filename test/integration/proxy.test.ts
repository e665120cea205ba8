import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { docker } from "../support/engine.ts";
import { temporaryFolder } from "../support/folder.ts";
import { hubProject } from "../support/hub-project.ts";
import { mkimage } from "../support/mkimage.ts";
import { makeProject } from "../support/project.ts";
import { startProxy } from "../support/proxy.ts";

/** A file of the project, which no proxy is asked for. */
const TOKENIZER = { "tokenizer.json": { source: "file:.", path: "mkimage.json" } };
const USER = "Basic dXNlcjpzZWNyZXQ=";

async function listen(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function proxyTo(hosts: Readonly<Record<string, number>>, address?: string) {
  const proxy = await startProxy(hosts, address);
  onTestFinished(() => proxy[Symbol.asyncDispose]());
  return proxy;
}

test("the hub and the files on it are asked through the proxy, and what NO_PROXY names is not", async () => {
  const { hub, run, read } = await hubProject({ locked: false });
  const proxy = await proxyTo({ "hub.test": Number(new URL(hub.url).port), "127.0.0.1": 1 });
  const env = { HF_ENDPOINT: "http://hub.test", HTTP_PROXY: `http://user:secret@127.0.0.1:${proxy.port}` };
  const add = ["models", "add", "hf:acme/tiny", "--task", "feature-extraction", "--name", "other"];
  const { exitCode, stderr } = await run(add, env);
  expect(exitCode, stderr).toBe(0);
  expect(await read("models/other.json")).toContain("hf:acme/tiny");
  // The large file comes from the storage behind the hub, which is on this machine.
  expect(new Set(proxy.seen.map(({ asked, credentials }) => `${asked} ${credentials}`))).toEqual(
    new Set([`CONNECT hub.test:80 ${USER}`]),
  );
  const asked = proxy.seen.length;
  const direct = await run([...add, "--force"], { ...env, no_proxy: "test" });
  expect(direct).toMatchObject({ exitCode: 3, stderr: expect.stringContaining("ENOTFOUND hub.test") });
  expect(proxy.seen).toHaveLength(asked);
});

test("a proxy that does not answer, or refuses, is what the error names", async () => {
  const { run } = await hubProject({ locked: false });
  const proxy = await proxyTo({});
  const keys = { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
  const runs = [
    run(["lock"], { HF_ENDPOINT: "http://hub.test", http_proxy: "127.0.0.1:1" }),
    run(["lock"], { HF_ENDPOINT: "http://hub.test", http_proxy: `127.0.0.1:${proxy.port}` }),
    run(["push", "--image-version", "1"], {
      AWS_ENDPOINT_URL: "https://aws.test",
      HTTPS_PROXY: `http://user:secret@127.0.0.1:${proxy.port}`,
      ...keys,
    }),
  ];
  const says = [
    "Cannot ask hub.test for hf:acme/tiny: connect ECONNREFUSED 127.0.0.1:1",
    "Cannot ask hub.test for hf:acme/tiny: the proxy answers 502",
    /Cannot call ecr:\w+: the proxy answers 502/,
  ];
  for (const [i, { exitCode, stderr }] of (await Promise.all(runs)).entries()) {
    expect(stderr).toMatch(says[i] as string);
    expect({ exitCode, secret: stderr.includes("secret") }).toEqual({ exitCode: 3, secret: false });
  }
});

test("a file of a web server comes through the proxy, its certificate checked by name", async () => {
  const { folder, run, write } = await hubProject({ locked: false });
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=web.test", "-addext", "subjectAltName=DNS:web.test"];
  const output = ["-keyout", key, "-out", cert, "-days", "2"];
  await execa("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...output, ...subject]);
  const content = "the model";
  const web = createTlsServer({ key: await readFile(key), cert: await readFile(cert) }, (_, response) =>
    response.end(content),
  );
  await new Promise<void>((done) => web.listen(0, "127.0.0.1", done));
  onTestFinished(() => void web.close());
  const port = (web.address() as AddressInfo).port;
  const proxy = await proxyTo({ "web.test": port, "other.test": port });
  const env = {
    NODE_EXTRA_CA_CERTS: cert,
    https_proxy: `http://user:secret@127.0.0.1:${proxy.port}`,
    HTTPS_PROXY: "http://127.0.0.1:1",
  };
  const fetched = async (host: string) => {
    const sha256 = createHash("sha256").update(content).digest("hex");
    const files = { ...TOKENIZER, "model.onnx": { source: `https://${host}/m.onnx`, sha256 } };
    await write("models/tiny.json", { task: "feature-extraction", files });
    return run(["lock"], { ...env, MKIMAGE_CACHE: join(folder, host) });
  };
  expect(await fetched("web.test")).toMatchObject({ exitCode: 0 });
  expect(await fetched("other.test")).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining("the server's certificate is not trusted"),
  });
  expect(new Set(proxy.seen.map(({ asked, credentials }) => `${asked} ${credentials}`))).toEqual(
    new Set([`CONNECT web.test:443 ${USER}`, `CONNECT other.test:443 ${USER}`]),
  );
});

test("S3 and ECR are asked through the proxy", async () => {
  const aws = await listen((request, response) => {
    request.resume();
    const isEcr = request.headers["x-amz-target"] !== undefined;
    const type = isEcr ? "application/x-amz-json-1.1" : "application/xml";
    response.writeHead(isEcr ? 400 : 404, { "content-type": type });
    response.end(isEcr ? '{"__type":"AccessDeniedException","Message":"denied"}' : "");
  });
  const proxy = await proxyTo({ "aws.test": aws });
  const { run, write } = await hubProject({ locked: false });
  const files = { "model.onnx": "model.onnx", ...TOKENIZER };
  await write("models/tiny.json", { task: "feature-extraction", source: "s3://bucket/prefix", files });
  const env = {
    AWS_ENDPOINT_URL: "http://aws.test",
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "a",
    AWS_SECRET_ACCESS_KEY: "b",
    HTTP_PROXY: `http://user:secret@127.0.0.1:${proxy.port}`,
  };
  expect((await run(["lock"], env)).stderr).toContain("No object s3://bucket/prefix/model.onnx");
  expect((await run(["push", "--image-version", "1"], env)).stderr).toContain("AWS denies ecr:");
  expect(proxy.seen).toEqual([
    { asked: "HEAD http://aws.test/bucket/prefix/model.onnx", credentials: USER },
    { asked: "POST http://aws.test/", credentials: USER },
  ]);
});

/** An address of this machine that a build's steps reach, in whatever network they are. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const found = all.find(({ family, internal }) => family === "IPv4" && !internal);
  return found?.address ?? "127.0.0.1";
}

/** A package as a registry has it. */
async function pack(folder: string): Promise<Buffer> {
  await mkdir(join(folder, "package"), { recursive: true });
  await writeFile(
    join(folder, "package/package.json"),
    '{"name":"@own/words","version":"1.0.0","main":"i.js"}',
  );
  await writeFile(join(folder, "package/i.js"), 'exports.word = "by proxy";');
  await execa("tar", ["-czf", "words.tgz", "package"], { cwd: folder });
  return readFile(join(folder, "words.tgz"));
}

test("a build's steps go through the proxy, with the variables of a handler's own .npmrc", async () => {
  const project = await makeProject();
  onTestFinished(() => project.remove());
  const cell = ["--os", "debian", "--arch", "amd64"];
  // What every image has is in the builder's cache: only the handler's packages are fetched through the proxy.
  const plain = await mkimage(["build", ...cell], { cwd: project.folder });
  expect(plain.exitCode, plain.stderr).toBe(0);
  const tarball = await pack(await temporaryFolder());
  const tokens: (string | undefined)[] = [];
  const registry = await listen((request, response) => {
    tokens.push(request.headers.authorization);
    const known = request.headers.authorization === "Bearer s3cret'token";
    response.writeHead(known ? 200 : 401).end(known ? tarball : "");
  });
  const proxy = await proxyTo({ "npm.test": registry }, "0.0.0.0");
  const resolved = "http://npm.test/@own/words/-/words-1.0.0.tgz";
  const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  const dependencies = { "@own/words": "1.0.0" };
  const files = {
    "handler.mjs": 'import { word } from "@own/words"; export default async () => ({ word });',
    "package.json": JSON.stringify({ private: true, dependencies }),
    "package-lock.json": JSON.stringify({
      lockfileVersion: 3,
      packages: {
        "": { dependencies },
        "node_modules/@own/words": { version: "1.0.0", resolved, integrity },
      },
    }),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: npm's own syntax
    ".npmrc": "@own:registry=http://npm.test/\n//npm.test/:_authToken=${OWN_TOKEN}\n",
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(project.folder, path)), { recursive: true });
    await writeFile(join(project.folder, path), text);
  }
  const env = {
    HTTP_PROXY: `http://user:secret@${ownAddress()}:${proxy.port}`,
    OWN_TOKEN: "s3cret'token",
  };
  const run = (...args: string[]) => mkimage(args, { cwd: project.folder, env });
  const { exitCode, stderr } = await run("build", ...cell);
  expect(exitCode, stderr).toBe(0);
  expect(tokens).toEqual(["Bearer s3cret'token"]);
  expect(proxy.seen).toEqual([{ asked: `GET ${resolved}`, credentials: USER }]);
  expect((await run("invoke", ...cell, '{"inputs":"a"}')).stdout).toBe('{"word":"by proxy"}\n'.trim());

  // Neither the image nor what is printed has the token or the proxy.
  const reference = `${project.repository}:debian-amd64`;
  const traces = [
    await docker("inspect", reference),
    await docker("history", "--no-trunc", reference),
    (await run("build", "--print", ...cell)).stdout,
    stderr,
  ];
  for (const text of traces) expect(text).not.toMatch(/s3cret|user:secret|HTTP_PROXY/);
  // Nor does the cache: with another proxy and token nothing is made again.
  const again = await mkimage(["build", ...cell], { cwd: project.folder, env: { OWN_TOKEN: "other" } });
  expect(again.exitCode, again.stderr).toBe(0);
  expect(tokens).toHaveLength(1);
});
