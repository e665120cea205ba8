import { execa } from "execa";
import { expect, test } from "vitest";
import { UserError } from "../../../../build/errors.ts";
import { toJunit } from "../../../../build/smoke/junit.ts";
import { imageOf } from "../../../support/plan-facts.ts";

test("a report has a case per image, with the fault of one that failed", async () => {
  const image = await imageOf();
  const fault = new UserError("1 < 2\nand more", { hint: "Run: it", reason: "check" });
  expect(
    toJunit([
      { image, seconds: 1.5 },
      { image: { ...image, name: "other" }, seconds: 2, fault },
    ]),
  ).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="mkimage" tests="2" failures="1" errors="0" time="3.500">
  <testsuite name="mkimage test" tests="2" failures="1" errors="0" time="3.500">
    <testcase classname="embed" name="debian-amd64" time="1.500"/>
    <testcase classname="embed" name="other" time="2.000">
      <failure message="1 &lt; 2">1 &lt; 2
and more
Run: it</failure>
    </testcase>
  </testsuite>
</testsuites>
`);
});

test("Python's parser reads back what a log may hold, but for what no XML can", async () => {
  const image = await imageOf();
  const text = `a "b" & <c> ]]> \u0000\u001b[31m\ud800 😀 é\ttab`;
  const xml = toJunit([{ image, seconds: 0, fault: new UserError(text) }]);
  const program =
    "import sys, json, xml.etree.ElementTree as e; f = e.fromstring(sys.stdin.buffer.read()).find('.//failure'); print(json.dumps([f.get('message'), f.text]))";
  const { stdout } = await execa("python3", ["-c", program], { input: xml });
  const read = 'a "b" & <c> ]]> [31m\ufffd 😀 é\ttab';
  expect(JSON.parse(stdout)).toEqual([read, read]);
});
