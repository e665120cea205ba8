import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const SCRIPT = join(import.meta.dirname, "../../../images/rie/lambda-entrypoint.sh");

let bin: string;

beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), "mkimage-entry-"));
});
afterEach(() => rmSync(bin, { recursive: true }));

/** Runs the script with /usr/local/bin moved to a folder that holds the named programs, which print their words. */
function run(programs: string[], env: Record<string, string>) {
  for (const name of programs) {
    writeFileSync(join(bin, name), '#!/bin/sh\necho "$(basename "$0") $*"\n');
    chmodSync(join(bin, name), 0o755);
  }
  const script = readFileSync(SCRIPT, "utf8").replaceAll("/usr/local/bin", bin);
  const { status, stdout, stderr } = spawnSync("/bin/sh", ["-c", script], { env, encoding: "utf8" });
  return { status, stdout: stdout.replaceAll(bin, "BIN").trim(), stderr };
}

test("on Lambda: node alone", () => {
  const { stdout } = run(["node", "aws-lambda-rie"], { AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9001" });
  expect(stdout).toBe("node /var/task/index.mjs");
});

test("anywhere else: the emulator before it", () => {
  expect(run(["node", "aws-lambda-rie"], {}).stdout).toBe("aws-lambda-rie BIN/node /var/task/index.mjs");
});

test("an image without the emulator says so", () => {
  const { status, stderr } = run(["node"], {});
  expect(status).toBe(1);
  expect(stderr).toContain("no runtime interface emulator");
});

test.each([
  ["on Lambda", { AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9001" }, "wrapper BIN/node /var/task/index.mjs"],
  ["anywhere else", {}, "aws-lambda-rie BIN/wrapper BIN/node /var/task/index.mjs"],
])("a wrapper is started with the runtime's command line: %s", (_, env, line) => {
  const programs = ["node", "aws-lambda-rie", "wrapper"];
  const { stdout } = run(programs, { ...env, AWS_LAMBDA_EXEC_WRAPPER: join(bin, "wrapper") });
  expect(stdout).toBe(line);
});

test("a wrapper that is not in the image is named", () => {
  const { status, stderr } = run(["node", "aws-lambda-rie"], { AWS_LAMBDA_EXEC_WRAPPER: "/opt/none" });
  expect(status).toBe(127);
  expect(stderr).toContain(
    "AWS_LAMBDA_EXEC_WRAPPER names /opt/none, which is not an executable file of this image",
  );
});
