import { expect, test } from "vitest";
import { findSecrets } from "../../../../../build/smoke/rules/secrets.ts";

/** So many characters that look random, the same each time. */
const letters = (
  length: number,
  alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
) => Array.from({ length }, (_, at) => alphabet[(at * 37 + 11 * at * at + 5) % alphabet.length]).join("");

/** Put together here, so that no scanner of this repository takes them for real ones. */
test.each([
  ["AWS access key ID", `AKIA${letters(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")}`],
  ["AWS Secret Access Key", `aws_secret_access_key = ${letters(40)}`],
  ["GitHub Token", `ghp_${letters(36)}`],
  ["GitHub Token", `github_pat_${letters(22)}_${letters(59)}`],
  ["GitLab Personal Access Token", `glpat-${letters(20)}`],
  ["npm access token", `npm_${letters(36)}`],
  ["PyPI token", `pypi-AgEIcHlwaS5vcmc${letters(60)}`],
  [
    "Hugging Face User Access Token",
    `hf_${letters(34, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")}`,
  ],
  ["slack token", `xoxb-${"1".repeat(12)}-${"2".repeat(12)}-${letters(24)}`],
  ["Google API key", `AIza${letters(35)}`],
  ["private key", `-----BEGIN RSA PRIVATE KEY-----\n${letters(64)}\n-----END RSA PRIVATE KEY-----`],
  ["private key", `"private_key": "-----BEGIN PRIVATE KEY-----\\n${letters(64)}"`],
])("%s is found, with its line", async (kind, text) => {
  expect(await findSecrets(`# a comment\n${text}\n`)).toContainEqual({ kind, line: 2 });
});

test.each([
  ["a comment that would switch the scanner off", `// secretlint-disable\nT="ghp_${letters(36)}"`, 1],
  ["an example of documentation", "AKIAIOSFODNN7EXAMPLE", 0],
  [
    "the head of a key in a program that reads keys",
    'if (text.startsWith("-----BEGIN PRIVATE KEY-----")) read();',
    0,
  ],
  ["a digest", `sha256:${"ab12".repeat(16)}`, 0],
])("%s", async (_, text, count) => {
  expect(await findSecrets(text)).toHaveLength(count);
});
