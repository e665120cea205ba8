import type { Measured } from "./measure.ts";
import type { Result } from "./results.ts";
import { ascending, type Estimate, estimateQuantiles, median, quantile } from "./statistics.ts";

/** What the rounds of one cell have measured so far. */
export class Collected {
  readonly #rounds: Measured[] = [];

  add(round: Measured): void {
    this.#rounds.push(round);
  }

  get rounds(): number {
    return this.#rounds.length;
  }

  get calls(): number[] {
    return this.#rounds.flatMap(({ calls }) => calls);
  }

  /** With the start of the container of each, as a caller waits for it. */
  get starts(): number[] {
    return this.#rounds.flatMap(({ starts, container = 0 }) =>
      starts.map(({ milliseconds }) => milliseconds + container),
    );
  }

  /** How many calls and starts each round has. */
  get #sizes() {
    return {
      calls: this.#rounds.map(({ calls }) => calls.length),
      starts: this.#rounds.map(({ starts }) => starts.length),
    };
  }

  /** Whether the interval of both medians is as narrow as asked, in parts of the median. */
  isNarrow(precision: number): boolean {
    return (["calls", "starts"] as const).every((what) => {
      const values = this[what];
      if (values.length < 3) return false;
      const rounds = this.#sizes[what];
      const [{ value, low, high }] = estimateQuantiles(values, [0.5], { rounds }) as [Estimate];
      return high - low <= 2 * precision * value;
    });
  }

  /** The measured part of a result line. */
  result(): Pick<Result, "cold" | "warm" | "peakMemoryMB"> {
    const steps = this.#rounds.flatMap(({ starts }) => starts.map((each) => each.steps));
    const ofKnown = (values: readonly (number | undefined)[]): number | undefined =>
      median(values.filter((value) => value !== undefined));
    const named = {
      init: ofKnown(steps.map(({ init }) => init)),
      restore: ofKnown(steps.map(({ restore }) => restore)),
      node: ofKnown(steps.map(({ node }) => node)),
      session: ofKnown(steps.map(({ session }) => session)),
      tokenizer: ofKnown(steps.map(({ tokenizer }) => tokenizer)),
    };
    const container = ofKnown(this.#rounds.map((round) => round.container));
    const start = quantile(ascending(this.starts), 0.5) - (container ?? 0);
    const known = Object.values(named).reduce<number>((sum, each) => sum + (each ?? 0), 0);
    const rounded = (value: number) => Math.round(value * 1000) / 1000;
    const all = { container, ...named, firstAnswer: Math.max(0, start - known) };
    const calls = this.calls.map(rounded);
    const starts = this.#rounds.flatMap((round) => round.starts);
    const sizes = this.#sizes;
    return {
      cold: {
        total: this.starts.map(rounded),
        rounds: sizes.starts,
        steps: Object.fromEntries(
          Object.entries(all).flatMap(([name, value]) =>
            value === undefined ? [] : [[name, rounded(value)]],
          ),
        ),
        // The start of a container is not billed.
        billed: starts.map(({ billed, milliseconds }) => billed ?? rounded(milliseconds)),
      },
      ...(calls.length > 0 && {
        warm: {
          samples: calls,
          rounds: sizes.calls,
          throughput: rounded((1000 * calls.length) / calls.reduce((sum, value) => sum + value, 0)),
        },
      }),
      peakMemoryMB: Math.round(Math.max(...this.#rounds.map(({ peakMB }) => peakMB)) * 10) / 10,
    };
  }
}
