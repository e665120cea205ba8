import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { add, FETCH, HubProject, specOf } from "../hub-project.ts";
import type { Part } from "./part.ts";

/** Attempts of each case, and how many are under way at once. */
const EACH = 8;
const AT_ONCE = 2;

/** Models of a project whose entry of the lock, or whose spec, is not there. */
async function missing({ folder }: HubProject, names: readonly string[]): Promise<string[]> {
  const lock: { models?: Record<string, unknown> } = await readFile(
    join(folder, "models/lock.json"),
    "utf8",
  ).then(JSON.parse, () => ({}));
  const files = await readdir(join(folder, "models"));
  return [
    ...names.filter((name) => !lock.models?.[name]).map((name) => `${name} is not in the lock`),
    ...names.filter((name) => !files.includes(`${name}.json`)).map((name) => `${name} has no spec`),
  ];
}

/** What nobody needs any more. */
async function leftovers({ folder }: HubProject): Promise<string[]> {
  const files = await readdir(join(folder, "models"));
  const scratch = await readdir(join(folder, "tmp"));
  return [...files.filter((file) => !file.endsWith(".json")), ...scratch].map((name) => `${name} is left`);
}

async function failures(project: HubProject, command: readonly string[]): Promise<string[]> {
  const { exitCode, stderr } = await project.run(command);
  return exitCode === 0
    ? []
    : [`${command.join(" ")} ended with ${exitCode}: ${stderr.trim().split("\n")[0]}`];
}

/** Commands at once in a project of one model; afterwards these models are there. */
async function together(round: number, commands: readonly (readonly string[])[], names: readonly string[]) {
  await using project = await HubProject.make(["first", "second", "third"]);
  const ends = await Promise.all(
    commands.map(async (command, i) => {
      await delay(i * round * 50);
      return failures(project, command);
    }),
  );
  return [...ends.flat(), ...(await missing(project, names)), ...(await leftovers(project))];
}

/** A command that is killed at some point of its work; what was there stays, and the command then does it. */
async function killed(round: number, command: readonly string[], again = command) {
  await using project = await HubProject.make(["first", "second"]);
  const start = performance.now();
  await project.run(["lock"]);
  const usual = performance.now() - start;
  if (command[0] === "lock") await project.write("models/second.json", specOf("second"));
  const run = project.start(command);
  const isOver = await Promise.race([run.then(() => true), delay((usual * (round + 0.5)) / EACH)]);
  if (!isOver) process.kill(-(run.pid as number), "SIGKILL");
  await run;
  return [
    ...(await missing(project, ["first"])),
    ...(await failures(project, again)),
    ...(await missing(project, ["first", "second"])),
    ...(await leftovers(project)),
  ];
}

const CASES: Readonly<Record<string, (round: number) => Promise<string[]>>> = {
  "a model is added while a build fetches": (round) =>
    together(round, [FETCH, add("second")], ["first", "second"]),
  "two models are added while all are locked": (round) =>
    together(round, [add("second"), add("third"), ["lock"]], ["first", "second", "third"]),
  "adding a model is killed": (round) => killed(round, add("second"), [...add("second"), "--force"]),
  "a lock is killed": (round) => killed(round, ["lock"]),
};

/** Commands that run at the same time, or are killed, lose nothing. */
export const attackRaces: Part = async ({ say }) => {
  const attempts = Object.entries(CASES).flatMap(([about, attempt]) =>
    Array.from({ length: EACH }, (_, round) => ({
      about: `${about} (${round + 1} of ${EACH})`,
      attempt,
      round,
    })),
  );
  const queue = attempts.values();
  const found: string[] = [];
  const worker = async () => {
    for (const { about, attempt, round } of queue) {
      const losses = await attempt(round).catch((error: Error) => [error.message]);
      say(`race: ${about}${losses.map((loss) => `  ← ${loss}`).join("")}`);
      found.push(...losses.map((loss) => `${about}: ${loss}`));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return { goals: [{ what: "files or lock entries lost by races and kills", found, of: attempts.length }] };
};
