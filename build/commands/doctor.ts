import type { Argv } from "yargs";
import type { Run } from "../command-line/options.ts";
import { diagnose, type Finding } from "../doctor.ts";
import { UserError } from "../errors.ts";
import { print, printJson, table } from "../output.ts";

export const builder = (yargs: Argv) =>
  yargs
    .option("json", { boolean: true, default: false, description: "Print one JSON document on stdout" })
    .example("$0 doctor", "exit code 3 when something that a build needs is missing");

const mark = ({ problem, optional }: Finding) => (problem ? (optional ? "note" : "lacks") : "ok");

export async function handler({ json }: { json: boolean }, { signal }: Run): Promise<void> {
  const findings = await diagnose(signal);
  if (json) printJson(findings);
  else {
    const rows = findings.map((finding) => [
      mark(finding),
      finding.name,
      finding.found,
      finding.problem ?? "",
    ]);
    print(table(rows));
    const remedies = findings.filter(({ remedy }) => remedy).map(({ name, remedy }) => `${name}: ${remedy}`);
    if (remedies.length > 0) print(`\nTo fix:\n${remedies.join("\n")}`);
  }
  const missing = findings.filter(({ problem, optional }) => problem && !optional).map(({ name }) => name);
  if (missing.length > 0)
    throw new UserError(`this machine lacks: ${missing.join(", ")}`, { reason: "environment" });
}
