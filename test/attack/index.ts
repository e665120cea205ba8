/**
 * Attacks the function and the tool: `make attack`, or one part with `make attack PART=inputs`. Prints what came of it as
 * Markdown and ends with 1 when a goal is missed. Inputs whose names fit the expression ONLY are sent alone.
 */
import { describe, isMet } from "./goal.ts";
import { withImage } from "./image.ts";
import { attackEndurance } from "./parts/endurance.ts";
import { attackFuzz } from "./parts/fuzz.ts";
import { attackInputs } from "./parts/inputs.ts";
import type { Given, Part, Result } from "./parts/part.ts";
import { attackProjectFiles } from "./parts/project-files.ts";
import { attackRaces } from "./parts/races.ts";
import { attackSecrets } from "./parts/secrets.ts";

/** Those that measure time, which have the machine for themselves. */
const TIMED: Readonly<Record<string, Part>> = { inputs: attackInputs, fuzz: attackFuzz };

/** The others: the two rows go side by side. */
const UNTIMED: readonly Readonly<Record<string, Part>>[] = [
  { endurance: attackEndurance },
  { project: attackProjectFiles, secrets: attackSecrets, races: attackRaces },
];

const say = (line: string) => void process.stderr.write(`${line}\n`);

const names = [TIMED, ...UNTIMED].flatMap((parts) => Object.keys(parts));
const wanted = (process.env["PART"] || names.join(",")).split(",");
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  say(`no part ${unknown.join(", ")}; there are ${names.join(", ")}`);
  process.exit(2);
}

/** The wanted ones of some parts, one after the other. */
async function inTurn(parts: Readonly<Record<string, Part>>, given: Given): Promise<Result[]> {
  const results: Result[] = [];
  for (const [name, part] of Object.entries(parts)) {
    if (!wanted.includes(name)) continue;
    say(`attack: ${name}`);
    results.push(await part(given));
  }
  return results;
}

async function run(given: Given): Promise<Result[]> {
  const timed = await inTurn(TIMED, given);
  const untimed = await Promise.all(UNTIMED.map((parts) => inTurn(parts, given)));
  return [...timed, ...untimed.flat()];
}

const given = process.env["IMAGE"];
const results = given
  ? await run({ image: async () => given, say })
  : await withImage((image) => run({ image, say }));
const goals = results.flatMap((result) => result.goals);
const details = results.flatMap((result) => result.details ?? []);
process.stdout.write(`${[describe(goals), ...details].join("\n\n")}\n`);
if (!goals.every(isMet)) process.exitCode = 1;
