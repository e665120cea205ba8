import { setImmediate as turn } from "node:timers/promises";
import type { Work } from "../request/work.ts";
import type { TextTokenizer } from "../tokenizer/types.ts";
import { randomNumbers } from "./random.ts";
import { type Choice, chooseToken, likeliest } from "./sampling.ts";
import type { Settings } from "./settings.ts";
import { textStreamer } from "./text-streamer.ts";

export interface Piece extends Choice {
  /** The text that it adds; empty while that may still change, or may begin a stop sequence. */
  readonly text: string;
  /** The most likely tokens at this position, as many as requested. */
  readonly top: readonly Choice[];
  /** Why the text ends here; undefined if it does not. */
  readonly finish: Finish | undefined;
}

export type Finish = "length" | "eos_token" | "stop_sequence";

export type Advance = (tokens: readonly number[]) => Promise<Float32Array>;

interface Options {
  readonly start: readonly number[];
  readonly settings: Settings;
  readonly tokenizer: TextTokenizer;
  readonly work: Work;
  /** Whether the new text continues the start tokens, so that their last one affects its first characters. */
  readonly continuesText: boolean;
  readonly cleanUp: boolean;
  /** Number of most likely tokens to return at each position. */
  readonly top?: number;
}

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
    // Lets output be sent and other requests be received.
    await turn();
  }
}
