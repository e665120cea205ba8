import { join } from "node:path";
import { expect, test } from "vitest";
import { hubSettings } from "../../../../build/clients/hub-settings.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { refusal } from "../../../support/refusal.ts";

test("without a word are the public hub, no token, and the cache in the home directory", async () => {
  const home = await temporaryFolder();
  expect(await hubSettings({ XDG_CACHE_HOME: home })).toEqual({
    endpoint: "https://huggingface.co",
    token: undefined,
    offline: false,
    cache: join(home, "huggingface/hub"),
  });
});

test("the token is the variable's, else the file's, else that of `hf auth login`", async () => {
  const home = await temporaryFolder({ token: "hf_login\n", other: " hf_file \n", empty: "\n" });
  const token = async (env: Record<string, string>) => (await hubSettings({ HF_HOME: home, ...env })).token;
  expect(await token({})).toBe("hf_login");
  expect(await token({ HF_TOKEN_PATH: join(home, "other") })).toBe("hf_file");
  expect(await token({ HF_TOKEN_PATH: join(home, "empty") })).toBeUndefined();
  expect(await token({ HF_TOKEN_PATH: join(home, "gone") })).toBeUndefined();
  expect(await token({ HF_TOKEN_PATH: join(home, "other"), HF_TOKEN: "hf_variable" })).toBe("hf_variable");
  expect(await token({ HF_TOKEN: "" })).toBe("hf_login");
});

test.each([
  ["1", true],
  ["true", true],
  ["0", false],
  ["", false],
])("HF_HUB_OFFLINE=%s is offline: %s", async (value, offline) => {
  expect((await hubSettings({ HF_HOME: "/nonexistent", HF_HUB_OFFLINE: value })).offline).toBe(offline);
});

test("another endpoint is taken without the slash at its end, and only as a web address", async () => {
  expect((await hubSettings({ HF_HOME: "/x", HF_ENDPOINT: "https://hub.example/hf/" })).endpoint).toBe(
    "https://hub.example/hf",
  );
  expect(await refusal(() => hubSettings({ HF_HOME: "/x", HF_ENDPOINT: "hub.example" }))).toMatchObject({
    exitCode: 2,
  });
});

test("a token that no header can carry is refused and not shown", async () => {
  for (const HF_TOKEN of ["hf_a\nb", "hf_\u200babc", "hf_é", "hf a"]) {
    const error = await refusal(() => hubSettings({ HF_HOME: "/x", HF_TOKEN }));
    expect(error).toMatchObject({ exitCode: 3, hint: expect.stringContaining("HF_TOKEN") });
    expect(`${error.message}${error.hint}`).not.toContain("hf_");
  }
});
