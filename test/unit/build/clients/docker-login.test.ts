import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { dockerLogin } from "../../../../build/clients/docker-login.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { refusal } from "../../../support/refusal.ts";

const { signal } = new AbortController();
const basic = (text: string) => Buffer.from(text).toString("base64");
const AUTH = { auth: basic("user:password") };
const LOGIN = { from: "docker", basic: AUTH.auth };

let folder: string;

/** Docker's settings of a user. */
const settings = (content: object) => writeFile(join(folder, "config.json"), JSON.stringify(content));

/** A credential helper in the search path; it notes what it is asked. */
async function helper(name: string, script: string): Promise<string> {
  const bin = join(folder, "bin");
  await mkdir(bin, { recursive: true });
  const path = join(bin, `docker-credential-${name}`);
  await writeFile(path, `#!/bin/sh\n{ echo "$*"; cat; } >"${folder}/asked"\n${script}\n`);
  await chmod(path, 0o755);
  vi.stubEnv("PATH", `${bin}:${process.env["PATH"]}`);
  return join(folder, "asked");
}

beforeEach(async () => {
  folder = await temporaryFolder({});
  vi.stubEnv("DOCKER_CONFIG", folder);
  vi.stubEnv("DOCKER_AUTH_CONFIG", undefined);
});

test.each([
  ["ghcr.io", "ghcr.io"],
  ["registry.example.com:5000", "registry.example.com:5000"],
  ["registry.example.com", "https://registry.example.com/v1/"],
  ["docker.io", "https://index.docker.io/v1/"],
])("the login of %s is that of %s in config.json", async (host, name) => {
  await settings({ auths: { "other.example": { auth: "eA==" }, [name]: AUTH } });
  expect(await dockerLogin(host, signal)).toEqual(LOGIN);
});

test("a login that is a token of its own", async () => {
  await settings({ auths: { "team.azurecr.io": { ...AUTH, identitytoken: "refresh" } } });
  expect(await dockerLogin("team.azurecr.io", signal)).toEqual({ from: "docker", refresh: "refresh" });
});

test("none: no settings, another registry's, the empty row that a helper leaves", async () => {
  expect(await dockerLogin("ghcr.io", signal)).toBeUndefined();
  await settings({
    auths: { "ghcr.io": {}, "ghcr.io.evil.example": AUTH, "https://evil.example/ghcr.io": AUTH },
  });
  expect(await dockerLogin("ghcr.io", signal)).toBeUndefined();
});

test("DOCKER_AUTH_CONFIG comes first, as in Docker", async () => {
  await settings({ auths: { "ghcr.io": { auth: "eA==" } } });
  vi.stubEnv("DOCKER_AUTH_CONFIG", JSON.stringify({ auths: { "ghcr.io": AUTH } }));
  expect(await dockerLogin("ghcr.io", signal)).toEqual(LOGIN);
  vi.stubEnv("DOCKER_AUTH_CONFIG", JSON.stringify({ auths: { "quay.io": AUTH } }));
  expect(await dockerLogin("ghcr.io", signal)).toEqual({ from: "docker", basic: "eA==" });
});

test.each([
  [{ credsStore: "test" }, "docker.io", "https://index.docker.io/v1/"],
  [{ credHelpers: { "ghcr.io": "test" }, credsStore: "missing" }, "ghcr.io", "ghcr.io"],
])("the helper of %j is asked for %s", async (content, host, server) => {
  const { readFile } = await import("node:fs/promises");
  await settings({ ...content, auths: { [host]: {} } });
  const asked = await helper("test", `echo '{"ServerURL":"x","Username":"user","Secret":"password"}'`);
  expect(await dockerLogin(host, signal)).toEqual(LOGIN);
  expect(await readFile(asked, "utf8")).toBe(`get\n${server}`);
});

test("a helper that gives a token, and one that has nothing", async () => {
  await settings({ credsStore: "test" });
  await helper("test", `echo '{"Username":"<token>","Secret":"refresh"}'`);
  expect(await dockerLogin("team.azurecr.io", signal)).toEqual({ from: "docker", refresh: "refresh" });
  await helper("test", "echo 'credentials not found in native keychain'; exit 1");
  expect(await dockerLogin("ghcr.io", signal)).toBeUndefined();
});

test.each([
  { name: "missing", says: "docker-credential-missing does not work: it is not installed" },
  { name: "broken", says: "docker-credential-broken does not work: the keychain is locked" },
  { name: "../evil", says: "its name is none of a program" },
  { name: "page", says: "what it prints is not the JSON of a login" },
  { name: "null", says: "what it prints is not the JSON of a login" },
  { name: "endless", says: "what it prints is not the JSON of a login" },
])("the helper $name: exit 3, which names it", async ({ name, says }) => {
  await settings({ credsStore: name });
  await helper("broken", "echo 'the keychain is locked'; exit 1");
  await helper("page", "echo '<html>secret</html>'");
  await helper("null", "echo null");
  await helper("endless", "exec yes secret");
  const error = await refusal(() => dockerLogin("ghcr.io", signal));
  expect(error).toMatchObject({ exitCode: 3, hint: expect.stringContaining("docker login") });
  expect(error.message).toContain(says);
});

test("a helper that may not be executed: exit 3, which says so", async () => {
  await settings({ credsStore: "test" });
  const bin = join(folder, "bin");
  await mkdir(bin);
  await writeFile(join(bin, "docker-credential-test"), "");
  vi.stubEnv("PATH", bin);
  const error = await refusal(() => dockerLogin("ghcr.io", signal));
  expect(error).toMatchObject({ exitCode: 3, message: expect.stringContaining("it may not be executed") });
});

test.each([
  "",
  "{}",
  '{"auths":null}',
  '{"auths":{"ghcr.io":null}}',
  '{"auths":{"ghcr.io":{"auth":null}}}',
  '{"credsStore":null,"credHelpers":null}',
])("no login in what Docker takes as well: %s", async (text) => {
  await writeFile(join(folder, "config.json"), text);
  expect(await dockerLogin("ghcr.io", signal)).toBeUndefined();
});

test.each([
  { text: "null", says: "the whole" },
  { text: '["secret"]', says: "the whole" },
  { text: '{"auths":"secret"}', says: "auths" },
  { text: '{"auths":{"ghcr.io":"secret"}}', says: "auths › ghcr.io" },
  { text: '{"auths":{"ghcr.io":{"auth":"secret\\n"}}}', says: "auths › ghcr.io › auth" },
  { text: '{"auths":{"ghcr.io":{"auth":"user:secret"}}}', says: "auths › ghcr.io › auth" },
  { text: '{"auths":{"ghcr.io":{"auth":"secret☃"}}}', says: "auths › ghcr.io › auth" },
  { text: '{"credsStore":{"secret":1}}', says: "credsStore" },
  { text: '{"auths":{"ghcr.io":{"auth":"secret"}}', says: "line 1" },
])("$text as settings: exit 2, which names the place and shows no secret", async ({ text, says }) => {
  await writeFile(join(folder, "config.json"), text);
  vi.stubEnv("DOCKER_AUTH_CONFIG", text);
  const given = await refusal(() => dockerLogin("ghcr.io", signal));
  vi.stubEnv("DOCKER_AUTH_CONFIG", undefined);
  const own = await refusal(() => dockerLogin("ghcr.io", signal));
  for (const error of [given, own]) {
    expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining(says) });
    expect(`${error.message}${error.hint}`).not.toContain("secret");
  }
  expect(own.message).toContain(join(folder, "config.json"));
});

test("settings that cannot be read: exit 3, which says why", async () => {
  await mkdir(join(folder, "config.json"));
  const error = await refusal(() => dockerLogin("ghcr.io", signal));
  expect(error.exitCode).toBe(3);
  expect(error.message).toContain("config.json: illegal operation on a directory");
});
