import { setImmediate as turn } from "node:timers/promises";
import type { Work } from "../request/work.ts";
import type { TextTokenizer } from "../tokenizer/types.ts";
import { randomNumbers } from "./random.ts";
import { type Choice, chooseToken, likeliest } from "./sampling.ts";
import type { Settings } from "./settings.ts";
import { textStreamer } from "./text-streamer.ts";

/** A token as it is written. */
export interface Piece extends Choice {
  /** What it adds to the text; empty while what it adds may still change, or might begin a stop sequence. */
  readonly text: string;
  /** The likeliest tokens in its place, as many as were asked for. */
  readonly top: readonly Choice[];
  /** Why the text ends with it. */
  readonly finish: Finish | undefined;
}

export type Finish = "length" | "eos_token" | "stop_sequence";

/** Reads tokens, given all those read before, and scores the next. */
export type Advance = (tokens: readonly number[]) => Promise<Float32Array>;

interface Options {
  /** Tokens to begin with. */
  readonly start: readonly number[];
  readonly settings: Settings;
  readonly tokenizer: TextTokenizer;
  readonly work: Work;
  /** Whether the tokens to begin with are a text that goes on, so that its last token bears on the first one's text. */
  readonly continuesText: boolean;
  readonly cleanUp: boolean;
  /** How many of the likeliest tokens are told beside each. */
  readonly top?: number;
}

/** Writes token by token until the text ends. */
export async function* generate(advance: Advance, options: Options): AsyncGenerator<Piece, void> {
  const { start, settings, tokenizer, work, continuesText, cleanUp, top = 0 } = options;
  const random = randomNumbers(settings.seed);
  const all = [...start];
  const tell = textStreamer({ tokenizer, context: continuesText ? start : [], stop: settings.stop, cleanUp });
  let fresh: readonly number[] = start;
  for (let written = 0; written < settings.maxNewTokens; written++) {
    work.checkTime();
    const begun = performance.now();
    const logits = await advance(fresh);
    work.timings.inference += performance.now() - begun;
    const choice = chooseToken(logits, { before: all, written, settings, random });
    all.push(choice.id);
    fresh = [choice.id];
    const ended = settings.ends.has(choice.id);
    const isLast = ended || written === settings.maxNewTokens - 1;
    const { piece: text, stopped } = tell(choice.id, isLast);
    const finish = stopped ? "stop_sequence" : ended ? "eos_token" : isLast ? "length" : undefined;
    yield { ...choice, text, top: likeliest(logits, top), finish };
    if (finish) return;
    // Lets what was written go out, and other requests come in.
    await turn();
  }
}
