import { setImmediate as turn } from "node:timers/promises";
import type { TextTokenizer } from "../tokenizer.ts";
import type { Work } from "../work.ts";
import type { Step } from "./cache.ts";
import { chooseToken } from "./choose.ts";
import { randomNumbers } from "./random.ts";
import type { Settings } from "./settings.ts";
import { stopAt } from "./stop.ts";

/** A token as it is written. */
export interface Piece {
  readonly id: number;
  readonly logprob: number;
  /** What it adds to the text; empty while a character is not whole, or might begin a stop sequence. */
  readonly text: string;
  /** Why the text ends with it. */
  readonly finish: "length" | "eos_token" | "stop_sequence" | undefined;
}

/** Reads tokens, given all those read before, and scores the next. */
export type Advance = (tokens: readonly number[]) => Promise<Pick<Step, "logits">>;

interface Options {
  /** Tokens to begin with. */
  readonly start: readonly number[];
  readonly settings: Settings;
  readonly tokenizer: TextTokenizer;
  readonly work: Work;
  /** Whether the tokens to begin with are a text that goes on, so that its last token bears on the first one's text. */
  readonly goesOn: boolean;
}

/** Writes token by token until the text ends. */
export async function* generate(advance: Advance, options: Options): AsyncGenerator<Piece, void> {
  const { start, settings, tokenizer, work, goesOn } = options;
  const random = randomNumbers(settings.seed);
  const all = [...start];
  const decode = (ids: readonly number[]) => tokenizer.decode(ids, { skipSpecial: true });
  const before = goesOn ? decode(start).length : 0;
  let told = 0;
  let fresh: readonly number[] = start;
  for (let written = 0; written < settings.maxNewTokens; written++) {
    work.checkTime();
    const begun = performance.now();
    const { logits } = await advance(fresh);
    work.timings.inference += performance.now() - begun;
    const { id, logprob } = chooseToken(logits, { before: all, written, settings, random });
    all.push(id);
    fresh = [id];
    const ended = settings.ends.includes(id);
    const text = decode(goesOn ? all : all.slice(start.length)).slice(before);
    const { whole, held, stopped } = stopAt(text, settings.stop);
    const last = ended || stopped || written === settings.maxNewTokens - 1;
    const until = last ? whole.length : whole.length - held;
    const finish = stopped ? "stop_sequence" : ended ? "eos_token" : last ? "length" : undefined;
    yield { id, logprob, text: whole.slice(told, until), finish };
    if (last) return;
    told = Math.max(told, until);
    // Lets what was written go out, and other requests come in.
    await turn();
  }
}
