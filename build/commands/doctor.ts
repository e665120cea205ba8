import type { Argv } from "yargs";
import { askWhether, canAsk } from "../command-line/ask.ts";
import type { Run } from "../command-line/options.ts";
import { diagnose, type Finding, remedy } from "../doctor.ts";
import { UserError } from "../errors.ts";
import { print, printJson, say, table } from "../output.ts";

export const builder = (yargs: Argv) =>
  yargs
    .option("fix", {
      boolean: true,
      default: false,
      description: "Run the remedies that a program can run, after asking for each",
    })
    .option("yes", { boolean: true, default: false, description: "With --fix: run them without asking" })
    .option("json", { boolean: true, default: false, description: "Print one JSON document on stdout" })
    .example("$0 doctor", "exit code 3 when something that a build needs is missing")
    .example("$0 doctor --fix", "asks, and runs the commands that fix it");

interface DoctorArgs {
  fix: boolean;
  yes: boolean;
  json: boolean;
}

const mark = ({ problem, optional }: Finding) => (problem ? (optional ? "note" : "lacks") : "ok");

/** Runs what a program can fix, and looks again. @throws UserError (exit 2) where nobody can be asked */
async function fix(
  findings: readonly Finding[],
  { yes, signal }: { yes: boolean; signal: AbortSignal },
): Promise<Finding[]> {
  const fixable = findings.filter(({ command }) => command);
  if (fixable.length === 0) {
    say("Nothing here can be fixed by a command of mkimage.");
    return [...findings];
  }
  if (!yes && !canAsk())
    throw new UserError("--fix asks before it changes something, and nobody can be asked here", {
      hint: "Add --yes to run the remedies without asking.",
    });
  for (const finding of fixable) {
    const question = `${finding.name}: ${finding.problem}. Run \`docker ${finding.command?.join(" ")}\`?`;
    if (yes || (await askWhether(question, signal))) await remedy(finding, signal);
  }
  return diagnose(signal);
}

export async function handler(args: DoctorArgs, { signal }: Run): Promise<void> {
  const found = await diagnose(signal);
  const findings = args.fix ? await fix(found, { yes: args.yes, signal }) : found;
  if (args.json) printJson(findings);
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
    if (!args.fix && findings.some(({ command }) => command))
      say("\n`mkimage doctor --fix` runs what it can of this.");
  }
  const missing = findings.filter(({ problem, optional }) => problem && !optional).map(({ name }) => name);
  if (missing.length > 0)
    throw new UserError(`this machine lacks: ${missing.join(", ")}`, { reason: "environment" });
}
