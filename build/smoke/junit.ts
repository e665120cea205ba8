import { withoutUrlSecrets } from "../../models/public-url.ts";
import { type CellResult, faultText, isFaulty } from "./test-cells.ts";

/** Characters that XML 1.0 forbids, even escaped: https://www.w3.org/TR/xml/#charsets */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  // A parser would make spaces of these in an attribute.
  "\n": "&#10;",
  "\r": "&#13;",
  "\t": "&#9;",
};

/** A text as an attribute or the content of an element. */
const escapeXml = (text: string): string =>
  withoutUrlSecrets(text)
    .replace(FORBIDDEN, "\u{FFFD}")
    .replace(/[&<>"\n\r\t]/g, (character) => ENTITIES[character] ?? character);

function outcome(cell: CellResult): string {
  if (!isFaulty(cell)) return "";
  const message = escapeXml(cell.fault.message);
  if (cell.status === "not built") return `<skipped message="${escapeXml(faultText(cell.fault))}"/>`;
  return `<failure message="${message}" type="${cell.fault.name}">${escapeXml(faultText(cell.fault))}</failure>`;
}

const testCase = (cell: CellResult): string =>
  `<testcase classname="${escapeXml(cell.image.function)}" name="${escapeXml(cell.name)}" ` +
  `time="${cell.seconds.toFixed(3)}">${outcome(cell)}</testcase>`;

/**
 * The results as a JUnit report, as CI systems read it: an image is a test case, one that is not built a skipped one.
 * https://github.com/testmoapp/junitxml
 */
export function junitReport(results: readonly CellResult[]): string {
  const count = (status: CellResult["status"]) => results.filter((cell) => cell.status === status).length;
  const seconds = results.reduce((sum, cell) => sum + cell.seconds, 0).toFixed(3);
  const counts = `tests="${results.length}" failures="${count("failed")}" errors="0" skipped="${count("not built")}" time="${seconds}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="mkimage test" ${counts}>`,
    `<testsuite name="mkimage test" ${counts}>`,
    ...results.map(testCase),
    "</testsuite>",
    "</testsuites>\n",
  ].join("\n");
}
