import fc from "fast-check";
import { httpEvents, requests, values } from "../../unit/runtime/fuzz/arbitraries.ts";
import { requestsFor } from "../../unit/runtime/fuzz/requests.ts";
import { isFine } from "../goal.ts";
import type { SeriesOutcome } from "../lambda/order.ts";
import { ATTACKED } from "../models.ts";
import { Sandbox } from "../sandbox.ts";
import type { Part } from "./part.ts";

const SECONDS = 40;
const MEMORY = 512;

/** Any requests for each of the models, which is opened once for them, and any events. */
const KINDS = [
  ...Object.entries(ATTACKED).map(([model, { task }]) =>
    requestsFor(task).map((request) => ({ ...(request as object), model })),
  ),
  ...[httpEvents, requests, values],
];

/** Events in a batch, which are of one kind: the stand-in of Lambda has a batch in its memory. */
const EACH = 100;

/** Sends random events to a function of 512 MB with every model, which it opens and closes by turns. */
export const attackFuzz: Part = async ({ image, say }) => {
  const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 2 ** 31);
  const found: string[] = [];
  let sent = 0;
  await using sandbox = await Sandbox.open(await image());
  await sandbox.withFunction({ memory: MEMORY, model: "moods", slots: 1 }, async (carryOut) => {
    const end = Date.now() + SECONDS * 1000;
    for (let batch = 0; Date.now() < end && found.length === 0; batch++) {
      const kind = KINDS[batch % KINDS.length] as fc.Arbitrary<unknown>;
      const events = fc.sample(kind, { numRuns: EACH, seed: seed + batch });
      const texts = events.map((event) => JSON.stringify(event) ?? "null");
      const order = { kind: "series", events: texts, deadline: 3000, count: texts.length } as const;
      const { statuses } = await carryOut<SeriesOutcome>(order);
      for (const [status, { count, index, text }] of Object.entries(statuses)) {
        sent += count;
        if (isFine({ status, text })) continue;
        found.push(
          `${status}: ${text || "no answer"} to ${texts[index]?.slice(0, 300)} (FUZZ_SEED=${seed + batch})`,
        );
      }
    }
  });
  say(`fuzz: ${sent} events`);
  return { goals: [{ what: `random events in ${MEMORY} MB that end the process or fail`, found, of: sent }] };
};
