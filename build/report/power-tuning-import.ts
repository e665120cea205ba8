import { z } from "zod";
import type { Figures, Series } from "../bench/figures.ts";
import type { Price } from "../bench/prices/prices.ts";
import { UserError } from "../errors.ts";
import { checkJson, parseJson } from "../files/json.ts";
import { decodeStats, type Stat } from "./power-tuning.ts";

/** A number, which older versions write as text. */
const amount = z.union([
  z.number(),
  z
    .string()
    .regex(/^[\d.]+(?:e-?\d+)?$/i)
    .transform(Number),
]);
const memory = amount.pipe(z.int().min(128).max(10240));
const dollars = amount.pipe(z.number().nonnegative());
const time = amount.pipe(z.number().positive());

const outputSchema = z.object({
  power: memory,
  cost: dollars,
  duration: time,
  stateMachine: z.object({ visualization: z.string().optional() }).optional(),
  stats: z.array(z.object({ value: memory, averageDuration: time, averagePrice: dollars })).optional(),
});

const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value !== null && typeof value === "object" && !Array.isArray(value);

/**
 * The memory sizes that aws-lambda-power-tuning has measured, the smallest first: from `stats`, which it writes with
 * `includeOutputResults`, or from the address of its visualization, which has them too; at least the one that it chose.
 * @throws UserError (exit 2) for a file of another form
 */
export function readPowerTuning(text: string, place: string): Stat[] {
  const file = parseJson(text, place);
  // The state machine's own output has it under `results`.
  const value = isTable(file) && isTable(file["results"]) ? file["results"] : file;
  if (!isTable(value) || !("power" in value)) {
    throw new UserError(`${place} is no output of aws-lambda-power-tuning: it has no \`power\``, {
      hint: "Save the output of the state machine's execution: aws stepfunctions describe-execution --execution-arn ARN --query output --output text",
    });
  }
  const { power, cost, duration, stats, stateMachine } = checkJson(outputSchema, value, place);
  const known = stats ?? decodeStats(stateMachine?.visualization) ?? [];
  const found = known.length > 0 ? known : [{ value: power, averageDuration: duration, averagePrice: cost }];
  return found.toSorted((a, b) => a.value - b.value);
}

/** What an imported row is called among baselines. */
const NAME = "power-tuning";

/**
 * Imported memory sizes as rows beside the measured ones: a mean without the slowest and the fastest fifth, and the price with
 * the request fee that the other tool leaves out. It knows no percentiles, starts, sizes and accuracy. Pure.
 * @param like what the imported function is compared with: its function, model, architecture and input count as the same
 */
export function importedSeries(
  stats: readonly Stat[],
  { like, price }: { readonly like: Figures; readonly price: Price },
): Series[] {
  return stats.map(({ value, averageDuration, averagePrice }) => {
    const exact = (each: number) => ({ value: each, low: each, high: each });
    const perMillion = (averagePrice + price.request) * 1e6;
    const name = `${NAME} ${like.cell.arch}`;
    const latest: Figures = {
      key: `${NAME} ${like.key} ${value}`,
      name,
      target: "lambda",
      machine: { ...like.machine, cpu: "AWS Lambda" },
      runId: NAME,
      measuredAt: like.measuredAt,
      cell: { ...like.cell, baseline: NAME },
      memoryMB: value,
      input: like.input,
      emulated: false,
      warm: { p50: exact(averageDuration), throughput: 1000 / averageDuration },
      costs: {
        perMillion: exact(perMillion),
        perMillionTokens: perMillion / Math.max(1, like.input.tokens * like.input.batch),
      },
    };
    return { latest, history: [] };
  });
}
