import { setTimeout as delay } from "node:timers/promises";
import { Program } from "./program.ts";
import type { Answer, RuntimeApi } from "./runtime-api.ts";

/** An event to be sent to every slot at once, with a small one before and after it. */
export interface Attack {
  readonly kind: "attack";
  /** The event, as text. */
  readonly event: string;
  /** An event that is answered. */
  readonly small: string;
  /** Milliseconds for each. */
  readonly deadline: number;
  readonly slots: number;
}

/** Events to be sent one after the other, from the first again when there are no more. */
export interface Series {
  readonly kind: "series";
  readonly events: readonly string[];
  readonly deadline: number;
  readonly count: number;
}

export type Order = Attack | Series;

/** What came of an event, and of a small one after it. */
export interface Outcome {
  /** Of the slowest answer. */
  readonly answer: Answer;
  readonly next: Answer | undefined;
  /** Resident memory of the process in MB: warm, at its most, and after the small event. */
  readonly before: number;
  readonly peak: number;
  readonly after: number;
}

/** Share of the memory before that may be there more after a refusal. */
export const MORE = 0.2;

/** Small events before memory is looked at, and pauses for memory to go back. */
const WARM = 3;
const PAUSES = 8;

export async function attack(api: RuntimeApi, order: Attack): Promise<Outcome> {
  const { event, small, deadline, slots } = order;
  const ask = () => api.invoke(small, { deadline });
  await api.ready(slots);
  for (let i = 0; i < WARM; i++) mustBeFine(await ask());
  await api.ready(slots);
  const program = Program.find();
  if (!program) throw new Error("the function has no process");
  const before = program.resident;
  program.forgetPeak();
  const answers = await Promise.all(Array.from({ length: slots }, () => api.invoke(event, { deadline })));
  const peak = program.peak;
  const answer = answers.toSorted((a, b) => b.milliseconds - a.milliseconds)[0] as Answer;
  const isGone = answers.find(({ status }) => status === "ended" || status === "killed");
  if (isGone) return { answer: isGone, next: undefined, before, peak, after: 0 };
  let next = await ask();
  for (let i = 0; i < PAUSES && program.isAlive && program.resident > before * (1 + MORE); i++) {
    await delay(250);
    next = await ask();
  }
  return { answer, next, before, peak, after: program.resident };
}

function mustBeFine({ status, text }: Answer): void {
  if (status !== "200") throw new Error(`a small event is answered with ${status}: ${text}`);
}

export interface SeriesOutcome {
  /** How many events were answered with each status, and the first of them. */
  readonly statuses: Readonly<
    Record<string, { count: number; readonly index: number; readonly text: string }>
  >;
  /** Resident memory in MB after each power of ten of events, from a thousand on. */
  readonly residents: Readonly<Record<number, number>>;
}

export async function repeat(api: RuntimeApi, { events, deadline, count }: Series): Promise<SeriesOutcome> {
  const statuses: Record<string, { count: number; index: number; text: string }> = {};
  const residents: Record<number, number> = {};
  for (let done = 0; done < count; done++) {
    const index = done % events.length;
    const { status, text } = await api.invoke(events[index] as string, { deadline });
    statuses[status] ??= { count: 0, index, text };
    statuses[status].count++;
    if (done >= 999 && Number.isInteger(Math.log10(done + 1)))
      residents[done + 1] = Program.find()?.resident ?? 0;
    if (status === "ended" || status === "killed") break;
  }
  return { statuses, residents };
}
