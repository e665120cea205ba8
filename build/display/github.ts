import { appendFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import { LineRenderer } from "./lines.ts";

/** Whether this is a job of GitHub Actions: https://docs.github.com/actions/reference/workflows-and-actions/variables */
export const inGithub = (env: NodeJS.ProcessEnv = process.env): boolean => env["GITHUB_ACTIONS"] === "true";

const escapeData = (text: string): string =>
  stripVTControlCharacters(text).replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A");

/** An error as an annotation of the job: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands */
export const annotation = (message: string): string => `::error title=mkimage::${escapeData(message)}`;

/** Lines in one group per phase of the command. */
export class GithubRenderer extends LineRenderer {
  #open = false;

  override phase(title: string): void {
    this.#close();
    this.say(`::group::${title}`);
    this.#open = true;
  }

  override end(): void {
    super.end();
    this.#close();
  }

  #close(): void {
    if (this.#open) this.say("::endgroup::");
    this.#open = false;
  }
}

const cell = (text: string): string => text.replace(/\|/g, "\\|");

/** A table in Markdown; the first row is the head. */
function markdown([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Adds a table to the summary of the job, where there is one. */
export function addSummary(
  title: string,
  rows: readonly (readonly string[])[],
  env: NodeJS.ProcessEnv = process.env,
): void {
  const path = env["GITHUB_STEP_SUMMARY"];
  if (inGithub(env) && path) appendFileSync(path, `### ${title}\n\n${markdown(rows)}\n\n`);
}
