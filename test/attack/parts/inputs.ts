import { isFine, table } from "../goal.ts";
import { EVENTS } from "../inputs/events.ts";
import type { Input } from "../inputs/input.ts";
import { PICTURES } from "../inputs/pictures.ts";
import { TEXTS } from "../inputs/texts.ts";
import { type Attack, MORE, type Outcome } from "../lambda/order.ts";
import { ATTACKED } from "../models.ts";
import { Sandbox } from "../sandbox.ts";
import type { Part } from "./part.ts";

/** Milliseconds by which an answer may be later than the deadline. */
const LATE = 500;

interface Tried extends Input {
  readonly deadline: number;
  readonly memory: number;
  readonly outcome: Outcome;
}

async function attempt(sandbox: Sandbox, input: Input): Promise<Tried> {
  const { model, memory = 512, deadline = 2000, slots = 1, files } = input;
  const event = input.event();
  const order: Attack = {
    kind: "attack",
    event: typeof event === "string" ? event : JSON.stringify(event),
    small: JSON.stringify(ATTACKED[model]?.small),
    ...{ deadline, slots },
  };
  const outcome = await sandbox.withFunction({ memory, model, slots, files }, (carryOut) =>
    carryOut<Outcome>(order),
  );
  return { ...input, deadline, memory, outcome };
}

/** What of an attempt must not be, in words. */
function faultsOf({ deadline, outcome }: Tried): string[] {
  const { answer, next, before, after } = outcome;
  if (answer.status === "ended") return ["the process ended"];
  const late = answer.milliseconds > deadline + LATE || answer.status === "killed";
  const refused = answer.status !== "200";
  return [
    ...(late ? [`answered after ${answer.milliseconds} ms of ${deadline}`] : []),
    ...(isFine(answer) || late ? [] : [`${answer.status}: ${answer.text}`]),
    ...(next && next.status !== "200" ? [`the next event is answered with ${next.status}`] : []),
    ...(next && refused && after > before * (1 + MORE) ? [`keeps ${after} MB, ${before} before`] : []),
  ];
}

/** Faults by which Lambda loses the environment or the caller the answer; what memory is kept is counted apart. */
const isGrave = (fault: string) => !fault.startsWith("keeps");

/** Sends every hostile input to a fresh function with Lambda's limits. */
export const attackInputs: Part = async ({ image, say }) => {
  const only = new RegExp(process.env["ONLY"] ?? "");
  const inputs = [...TEXTS, ...PICTURES, ...EVENTS].filter(({ name, model }) =>
    only.test(`${model}: ${name}`),
  );
  await using sandbox = await Sandbox.open(await image());
  const tried: Tried[] = [];
  for (const input of inputs) {
    const one = await attempt(sandbox, input);
    tried.push(one);
    const { answer, before, peak, after } = one.outcome;
    const faults = faultsOf(one).map((fault) => `  ← ${fault}`);
    say(
      `${input.model}: ${input.name}: ${answer.status} ${answer.milliseconds} ms, ${before}/${peak}/${after} MB${faults.join("")}`,
    );
  }
  const found = (kind: (fault: string) => boolean) =>
    tried.flatMap((one) =>
      faultsOf(one)
        .filter(kind)
        .map((fault) => `${one.model}: ${one.name}: ${fault}`),
    );
  return {
    goals: [
      {
        what: "hostile inputs that end the process, pass the deadline by over 0.5 s, fail, or spoil the next answer",
        found: found(isGrave),
        of: tried.length,
      },
      {
        what: "refusals that keep over 20 % more memory",
        found: found((fault) => !isGrave(fault)),
        of: tried.filter(({ outcome }) => outcome.answer.status !== "200").length,
      },
    ],
    details: table(
      ["model", "input", "MB", "deadline", "status", "time", "RSS before, peak, after (MB)"],
      tried.map(({ model, name, memory, deadline, slots = 1, outcome: { answer, before, peak, after } }) => [
        model,
        name,
        slots > 1 ? `${memory}, ${slots} slots` : memory,
        `${deadline} ms`,
        answer.status,
        `${answer.milliseconds} ms`,
        `${before}, ${peak}, ${after}`,
      ]),
    ),
  };
};
