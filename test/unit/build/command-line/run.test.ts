import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { packageSecrets } from "../../../../build/command-line/run.ts";
import { temporaryFolder } from "../../../support/folder.ts";

const NPM_ENV = "id=npm-env,env=MKIMAGE_NPM_ENV";

test("the certificates that Node trusts and npm's settings are secrets of the build", async () => {
  const folder = await temporaryFolder({ "ca.pem": "x", npmrc: "x" });
  const [ca, npmrc] = [join(folder, "ca.pem"), join(folder, "npmrc")];
  const both = [`id=ca,src=${ca}`, `id=npmrc,src=${npmrc}`, NPM_ENV];
  expect(packageSecrets({ NODE_EXTRA_CA_CERTS: ca, NPM_CONFIG_USERCONFIG: npmrc })).toEqual(both);
  expect(packageSecrets({ NODE_EXTRA_CA_CERTS: ca, npm_config_userconfig: npmrc })).toEqual(both);
});

test("the user's own .npmrc is a secret when no other is named", async () => {
  const home = await temporaryFolder({ ".npmrc": "x" });
  vi.stubEnv("HOME", home);
  expect(packageSecrets({})).toEqual([`id=npmrc,src=${join(home, ".npmrc")}`, NPM_ENV]);
});

test("pip's settings are secrets of the build: the file that is named, or the user's own", async () => {
  const home = await temporaryFolder({ ".config/pip/pip.conf": "x", ".pip/pip.conf": "x", other: "x" });
  vi.stubEnv("HOME", home);
  const own = join(home, ".config/pip/pip.conf");
  expect(packageSecrets({})).toEqual([`id=pip,src=${own}`]);
  expect(packageSecrets({ PIP_CONFIG_FILE: join(home, "other") })).toEqual([
    `id=pip,src=${join(home, "other")}`,
  ]);
  expect(packageSecrets({ PIP_INDEX_URL: "https://index" })).toEqual([
    `id=pip,src=${own}`,
    "id=pip-index,env=PIP_INDEX_URL",
  ]);
});

test("files that are not there are no secrets", async () => {
  const home = await temporaryFolder();
  vi.stubEnv("HOME", home);
  expect(packageSecrets({ NODE_EXTRA_CA_CERTS: join(home, "gone.pem") })).toEqual([]);
});
