import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { TOOL_ROOT } from "../../../build/tool-root.ts";

/** What images/model/install.py hands to uv when `pip config list` says this. */
async function settingsOf(...lines: string[]): Promise<unknown> {
  const script =
    "import json, sys; from install import uv_environment; print(json.dumps(uv_environment(sys.stdin.read())))";
  const { stdout } = await execa("python3", ["-c", script], {
    input: lines.join("\n"),
    env: { PYTHONPATH: join(TOOL_ROOT, "images/model"), PYTHONDONTWRITEBYTECODE: "1" },
  });
  return JSON.parse(stdout);
}

test("pip's settings become uv's, several values joined as uv reads them", async () => {
  expect(
    await settingsOf(
      "global.index-url='https://user:p%40ss@example.org/simple'",
      "global.extra-index-url='https://a.example/simple\\nhttps://b.example/simple'",
      "global.trusted-host='a.example b.example'",
      "global.find-links='/wheels https://c.example/wheels'",
      ":env:.cert='/run/secrets/ca'",
      "global.timeout='60'",
      "global.proxy='http://proxy.example:3128'",
    ),
  ).toEqual({
    UV_DEFAULT_INDEX: "https://user:p%40ss@example.org/simple",
    UV_INDEX: "https://a.example/simple https://b.example/simple",
    UV_INSECURE_HOST: "a.example b.example",
    UV_FIND_LINKS: "/wheels,https://c.example/wheels",
    SSL_CERT_FILE: "/run/secrets/ca",
    UV_HTTP_TIMEOUT: "60",
    ALL_PROXY: "http://proxy.example:3128",
  });
});

test("the environment goes before settings of install, and these before those of all commands", async () => {
  const [all, install, env] = ["global", "install", ":env:"].map((place) => `${place}.index-url='${place}'`);
  expect(await settingsOf(env ?? "", install ?? "", all ?? "")).toEqual({ UV_DEFAULT_INDEX: ":env:" });
  expect(await settingsOf(install ?? "", all ?? "")).toEqual({ UV_DEFAULT_INDEX: "install" });
});

test("settings of other commands, and those that uv has no word for, are left out", async () => {
  expect(await settingsOf("download.index-url='x'", "global.keyring-provider='subprocess'", "")).toEqual({});
});
