import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { csvField } from "../../../../build/clients/csv.ts";

test.each(["/plain", "/a, b", '/say "a"', "/a=b", "/line\nend"])(
  "%j comes out of CSV as it went in",
  (path) => {
    const read =
      "import csv, io, json, sys; print(json.dumps(next(csv.reader(io.StringIO(sys.argv[1], newline='')))))";
    const line = `type=oci,${csvField(`dest=${path}`)},tar=false`;
    const fields = JSON.parse(execFileSync("python3", ["-c", read, line], { encoding: "utf8" }));
    expect(fields).toEqual(["type=oci", `dest=${path}`, "tar=false"]);
  },
);
