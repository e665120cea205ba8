import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { withCredentials, withRegistryAuth } from "../../../../build/clients/registry-auth.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { refusal } from "../../../support/refusal.ts";

const AUTH = { host: "123456789012.dkr.ecr.eu-west-1.amazonaws.com", token: "QVdTOnNlY3JldA==" };
const OURS = { [AUTH.host]: { auth: AUTH.token } };
const signal = new AbortController().signal;

test("credentials of other registries and every other setting are kept", () => {
  const user = {
    currentContext: "colima",
    cliPluginsExtraDirs: ["/opt/homebrew/lib/docker/cli-plugins"],
    proxies: { default: { httpProxy: "http://proxy:3128" } },
    auths: { "ghcr.io": { auth: "dTpw" } },
    credHelpers: { "gcr.io": "gcloud" },
  };
  expect(withCredentials(user, AUTH)).toEqual({ ...user, auths: { ...user.auths, ...OURS } });
});

test("a store for all registries would hide ours: it becomes a helper for each one that it serves", () => {
  const user = { credsStore: "desktop", auths: { "ghcr.io": {} }, credHelpers: { "gcr.io": "gcloud" } };
  expect(withCredentials(user, AUTH)).toEqual({
    auths: { "ghcr.io": {}, ...OURS },
    credHelpers: { "https://index.docker.io/v1/": "desktop", "ghcr.io": "desktop", "gcr.io": "gcloud" },
  });
});

test("a helper or an older login for the same registry gives way to the new token", () => {
  const user = { credHelpers: { [AUTH.host]: "ecr-login" }, auths: { [AUTH.host]: { auth: "b2xk" } } };
  expect(withCredentials(user, AUTH)).toEqual({ credHelpers: {}, auths: OURS });
});

/** A user's folder of Docker, as the environment names it. */
async function userFolder(files: Record<string, unknown>): Promise<string> {
  const folder = await temporaryFolder(files);
  vi.stubEnv("DOCKER_CONFIG", folder);
  vi.stubEnv("BUILDX_CONFIG", undefined);
  return folder;
}

test("only this user can read the folder, it is removed afterwards, and the user's own file stays as it was", async () => {
  const settings = { auths: { "ghcr.io": { auth: "dTpw" } } };
  const own = await userFolder({
    "config.json": settings,
    "contexts/meta/x/meta.json": "{}",
    "cli-plugins/docker-buildx": "",
  });
  const used = await withRegistryAuth(AUTH, signal, async (env) => {
    const folder = env["DOCKER_CONFIG"] as string;
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, "config.json"))).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(join(folder, "config.json"), "utf8")).auths).toEqual({
      ...settings.auths,
      ...OURS,
    });
    expect(await readFile(join(folder, "contexts/meta/x/meta.json"), "utf8")).toBe("{}");
    expect(existsSync(join(folder, "cli-plugins/docker-buildx"))).toBe(true);
    expect(env["BUILDX_CONFIG"]).toBe(join(own, "buildx"));
    expect(JSON.stringify(env)).not.toContain(AUTH.token);
    return folder;
  });
  expect(existsSync(used)).toBe(false);
  expect(JSON.parse(await readFile(join(own, "config.json"), "utf8"))).toEqual(settings);
  expect((await readdir(own)).sort()).toEqual(["cli-plugins", "config.json", "contexts"]);
});

test("it is removed after an error, too", async () => {
  await userFolder({});
  let used = "";
  const run = withRegistryAuth(AUTH, signal, async (env) => {
    used = env["DOCKER_CONFIG"] as string;
    throw new Error("push failed");
  });
  await expect(run).rejects.toThrow("push failed");
  expect(used).not.toBe("");
  expect(existsSync(used)).toBe(false);
});

test("Ctrl-C removes it at once, while the push is still stopping", async () => {
  await userFolder({});
  const controller = new AbortController();
  await withRegistryAuth(AUTH, controller.signal, async (env) => {
    const folder = env["DOCKER_CONFIG"] as string;
    expect(existsSync(folder)).toBe(true);
    controller.abort(new Error("SIGINT"));
    expect(existsSync(folder)).toBe(false);
  });
});

test("after Ctrl-C none is made", async () => {
  await userFolder({});
  const use = vi.fn();
  await expect(withRegistryAuth(AUTH, AbortSignal.abort(new Error("SIGINT")), use)).rejects.toThrow("SIGINT");
  expect(use).not.toHaveBeenCalled();
});

test("a user without settings, and one with builders elsewhere", async () => {
  const folder = await userFolder({});
  vi.stubEnv("DOCKER_CONFIG", join(folder, "missing"));
  vi.stubEnv("BUILDX_CONFIG", "/elsewhere");
  await withRegistryAuth(AUTH, signal, async (env) => {
    expect(
      JSON.parse(await readFile(join(env["DOCKER_CONFIG"] as string, "config.json"), "utf8")).auths,
    ).toEqual(OURS);
    expect(env["BUILDX_CONFIG"]).toBe("/elsewhere");
  });
});

test("settings that are not JSON are named", async () => {
  const folder = await userFolder({ "config.json": "{" });
  await mkdir(join(folder, "contexts"));
  const error = await refusal(() => withRegistryAuth(AUTH, signal, async () => {}));
  expect(error.message).toContain(`${folder}/config.json is not JSON`);
});
