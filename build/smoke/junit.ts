import type { CellOutcome } from "./test-cells.ts";

/** Characters that XML 1.0 does not take, however they are written: https://www.w3.org/TR/xml/#charsets */
const REFUSED = /(?![\t\n\r])\p{Cc}|[\uFFFE\uFFFF]/gu;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
  "\r": "&#13;",
  "\t": "&#9;",
};

const quoted = (text: string): string =>
  text
    .toWellFormed()
    .replace(REFUSED, "")
    .replace(/[&<>"\n\r\t]/g, (sign) => ENTITIES[sign] ?? sign);

function testCase({ image, seconds, fault }: CellOutcome): string {
  const head = `    <testcase classname="${quoted(image.function)}" name="${quoted(image.name)}" time="${seconds.toFixed(3)}"`;
  if (!fault) return `${head}/>`;
  const [first = ""] = fault.message.split("\n", 1);
  const text = quoted([fault.message, fault.hint ?? ""].join("\n").trim()).replaceAll("&#10;", "\n");
  return `${head}>\n      <failure message="${quoted(first)}">${text}</failure>\n    </testcase>`;
}

/**
 * Outcomes as the XML that CI systems read: a case per image.
 * https://github.com/testmoapp/junitxml
 */
export function toJunit(outcomes: readonly CellOutcome[]): string {
  const failures = outcomes.filter(({ fault }) => fault).length;
  const seconds = outcomes.reduce((sum, each) => sum + each.seconds, 0).toFixed(3);
  const counts = `tests="${outcomes.length}" failures="${failures}" errors="0" time="${seconds}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="mkimage" ${counts}>`,
    `  <testsuite name="mkimage test" ${counts}>`,
    ...outcomes.map(testCase),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}
