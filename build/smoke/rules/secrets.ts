/** A key or token that was found; never its text. */
export interface Secret {
  /** What it is: `GitHub Token`. */
  readonly kind: string;
  /** Where it is in the text, from 1. */
  readonly line: number;
}

/**
 * What the scanner's recommended rules leave out, since it is often no secret in a repository's sources; in an image it has
 * no place. Each with the form that its maker documents.
 */
const FURTHER: readonly { readonly kind: string; readonly form: RegExp }[] = [
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes
  { kind: "AWS access key ID", form: /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/g },
  // https://docs.pypi.org/project-metadata/ and https://github.com/pypi/pypitoken: a macaroon for pypi.org
  { kind: "PyPI token", form: /\bpypi-AgE[\w-]{50,}/g },
  // https://cloud.google.com/docs/authentication/api-keys
  { kind: "Google API key", form: /\bAIza[\w-]{35}(?![\w-])/g },
  // https://www.rfc-editor.org/rfc/rfc7468 and OpenSSH's PROTOCOL.key: with at least a line of the key itself
  {
    kind: "private key",
    form: /-----BEGIN (?:[A-Z]{2,10} )?PRIVATE KEY-----(?:\\n|\s){1,4}[\w+/]{40}/g,
  },
];

/** Keys that documentation uses as examples: https://docs.aws.amazon.com/IAM/latest/UserGuide/security-creds.html */
const EXAMPLE = /EXAMPLE/;

const lineAt = (text: string, index: number): number => text.slice(0, index).split("\n").length;

const fromTable = (text: string): Secret[] =>
  FURTHER.flatMap(({ kind, form }) =>
    [...text.matchAll(form)]
      .filter(([found]) => !EXAMPLE.test(found))
      .map(({ index }) => ({ kind, line: lineAt(text, index) })),
  );

/** secretlint's recommended rules. A comment in an image's file may not switch them off. */
async function makeScanner(): Promise<(text: string) => Promise<Secret[]>> {
  const [{ lintSource }, { rules }, { secretLintProfiler }] = await Promise.all([
    import("@secretlint/core"),
    import("@secretlint/secretlint-rule-preset-recommend"),
    import("@secretlint/profiler"),
  ]);
  // It would note the time of each rule for each file, and keep it.
  secretLintProfiler.setEnabled(false);
  const config = {
    rules: rules
      .filter(({ meta }) => meta.id !== "@secretlint/secretlint-rule-filter-comments")
      .map((rule) => ({ id: rule.meta.id, rule })),
  };
  return async (content) => {
    const { messages } = await lintSource({
      source: { filePath: "/", content, ext: "", contentType: "text" },
      options: { config, noPhysicFilePath: true, maskSecrets: true },
    });
    return messages.map(({ message, loc }) => ({
      kind: message.replace(/^found /, "").replace(/[(:].*$/s, ""),
      line: loc.start.line,
    }));
  };
}

let scanner: ReturnType<typeof makeScanner> | undefined;

/** Keys and tokens in a text, by secretlint's recommended rules and the table above; each kind once for a line. */
export async function findSecrets(text: string): Promise<Secret[]> {
  scanner ??= makeScanner();
  const found = [...(await (await scanner)(text)), ...fromTable(text)];
  return [...new Map(found.map((each) => [`${each.kind} ${each.line}`, each])).values()];
}
