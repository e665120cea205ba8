import { table } from "../goal.ts";
import { MORE, type SeriesOutcome } from "../lambda/order.ts";
import { Sandbox } from "../sandbox.ts";
import type { Part } from "./part.ts";

const COUNT = 100_000;

/** By then the heap has the size that it needs. */
const SETTLED = 10_000;

/** Short texts of every length up to the model's longest. */
const EVENTS = Array.from({ length: 97 }, (_, i) =>
  JSON.stringify({ inputs: "lorem ipsum ".repeat(1 + (i % 12)) }),
);

/** Sends many short events to one function, whose memory must not grow. */
export const attackEndurance: Part = async ({ image }) => {
  await using sandbox = await Sandbox.open(await image());
  const { statuses, residents } = await sandbox.withFunction(
    { memory: 512, model: "moods", slots: 1 },
    (carryOut) => carryOut<SeriesOutcome>({ kind: "series", events: EVENTS, deadline: 3000, count: COUNT }),
  );
  const first = residents[SETTLED] ?? 0;
  const last = residents[COUNT] ?? Number.POSITIVE_INFINITY;
  const bad = Object.entries(statuses).filter(([status]) => status !== "200");
  return {
    goals: [
      {
        what: "short events that fail, or after which memory has grown by over 20 %",
        found: [
          ...bad.map(([status, { count, text }]) => `${count} × ${status}: ${text}`),
          ...(last > first * (1 + MORE) ? [`${last} MB at the end, ${first} MB after ${SETTLED}`] : []),
        ],
        of: COUNT,
      },
    ],
    details: table(
      ["short events", "RSS (MB)"],
      Object.entries(residents).map(([count, megabytes]) => [Number(count).toLocaleString("en"), megabytes]),
    ),
  };
};
