import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createServer, type Server } from "node:tls";
import { execa } from "execa";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { docker } from "../support/engine.ts";
import { mkimage, mkimageJson } from "../support/mkimage.ts";
import { makeProject, type Project } from "../support/project.ts";

const CELL = ["--os", "debian", "--arch", "amd64"];

let project: Project;
let server: Server;
/** Settings of docker with a context per client certificate. */
let config: string;

const path = (name: string) => join(project.folder, name);

/** A certificate authority, and keys that it has signed for 127.0.0.1. */
async function makeKeys(ca: string, names: readonly string[]): Promise<void> {
  const openssl = (...args: string[]) => execa("openssl", args, { cwd: project.folder });
  const key = (name: string) => [
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    `${name}.key`,
    "-subj",
    `/CN=${name}`,
  ];
  await openssl("req", "-x509", ...key(ca), "-out", `${ca}.crt`, "-days", "2");
  await writeFile(
    path("extensions"),
    "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n",
  );
  for (const name of names) {
    await openssl("req", ...key(name), "-out", `${name}.csr`);
    const signed = ["-CA", `${ca}.crt`, "-CAkey", `${ca}.key`, "-CAcreateserial", "-extfile", "extensions"];
    await openssl("x509", "-req", "-in", `${name}.csr`, ...signed, "-out", `${name}.crt`, "-days", "2");
  }
}

/** Gives this machine's engine an address with TLS, which only clients with a certificate of the authority may use. */
async function serveEngine(): Promise<number> {
  const host = await docker("context", "inspect", "--format", "{{.Endpoints.docker.Host}}");
  const [key, cert, ca] = await Promise.all(
    ["server.key", "server.crt", "ca.crt"].map((name) => readFile(path(name))),
  );
  const options = { key, cert, ca, requestCert: true, rejectUnauthorized: true, allowHalfOpen: true };
  server = createServer(options as object, (client) => {
    const engine = connect({ path: host.replace("unix://", ""), allowHalfOpen: true });
    client.pipe(engine).pipe(client);
    client.on("error", () => engine.destroy());
    engine.on("error", () => client.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  project = await makeProject();
  await mkimageJson(["build", ...CELL], { cwd: project.folder });
  await makeKeys("ca", ["server", "client"]);
  await makeKeys("other", ["stranger"]);
  const port = await serveEngine();
  config = path("docker");
  await mkdir(config);
  for (const name of ["client", "stranger"]) {
    const files = `ca=${path("ca.crt")},cert=${path(`${name}.crt`)},key=${path(`${name}.key`)}`;
    await execa("docker", ["context", "create", name, "--docker", `host=tcp://127.0.0.1:${port},${files}`], {
      env: { DOCKER_CONFIG: config },
    });
  }
});
afterAll(async () => {
  server?.close();
  await project?.remove();
});

const runTest = (env: Readonly<Record<string, string>>) =>
  mkimage(["test", ...CELL], { cwd: project.folder, env });

test("an image is tested in the engine of a context with TLS, with the context's own keys", async () => {
  const { exitCode, stderr } = await runTest({ DOCKER_CONFIG: config, DOCKER_CONTEXT: "client" });
  expect(stderr).toContain("cell debian-amd64: passed");
  expect(exitCode).toBe(0);
});

test("keys that the engine does not accept: exit 3, with what the docker command says", async () => {
  const { exitCode, stderr } = await runTest({ DOCKER_CONFIG: config, DOCKER_CONTEXT: "stranger" });
  expect(stderr).toContain("The Docker engine does not answer (tcp://127.0.0.1:");
  expect(stderr).toMatch(/tls|certificate/i);
  expect(exitCode).toBe(3);
});

test("an image is invoked in an engine that is reached by SSH", async () => {
  // Not in the project: no program of a project is started.
  const bin = await mkdtemp(join(tmpdir(), "mkimage-test-ssh-"));
  onTestFinished(() => rm(bin, { recursive: true }));
  // In place of a connection to another machine: what the command asks there is done here.
  const ssh = `#!/bin/sh\necho "$@" >>"${path("ssh.log")}"\nunset DOCKER_HOST\nexec docker system dial-stdio\n`;
  await writeFile(join(bin, "ssh"), ssh);
  await chmod(join(bin, "ssh"), 0o755);
  const env = {
    DOCKER_HOST: "ssh://builder@machine.example",
    PATH: `${bin}${delimiter}${process.env["PATH"]}`,
  };
  const event = '{"inputs":"hello world"}';
  const { exitCode, stdout, stderr } = await mkimage(["invoke", ...CELL, event], {
    cwd: project.folder,
    env,
  });
  expect(exitCode, stderr).toBe(0);
  expect(JSON.parse(stdout)).toHaveLength(384);
  expect(await readFile(path("ssh.log"), "utf8")).toMatch(
    /-l builder .*machine\.example docker system dial-stdio/,
  );
});
