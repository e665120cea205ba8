import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { fileSecret, readFileSecret } from "../../../../build/clients/secret.ts";

test.each(["/home/user/.npmrc", "/a, b/.npmrc", '/say "a"/.npmrc', "/a=b/src=c", "/é/\u{1f600}"])(
  "%s comes out of CSV as it went in",
  (path) => {
    const secret = fileSecret("npmrc-project", path);
    const read = "import csv, json, sys; print(json.dumps(next(csv.reader([sys.argv[1]]))))";
    const fields = JSON.parse(execFileSync("python3", ["-c", read, secret], { encoding: "utf8" }));
    expect(fields).toEqual(["id=npmrc-project", `src=${path}`]);
    expect(readFileSecret(secret)).toEqual({ id: "npmrc-project", path });
  },
);

test("another secret is no file", () => {
  expect(readFileSecret("id=pip-index,env=PIP_INDEX_URL")).toBeUndefined();
});
