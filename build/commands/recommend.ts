import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Argv } from "yargs";
import { type Advice, adviceText } from "../bench/advice.ts";
import { againstBaselines, comparedFigures } from "../bench/against.ts";
import { type Figures, isInput, usualInput } from "../bench/figures.ts";
import { monthlyCost } from "../bench/monthly.ts";
import { configLines, presentCell } from "../bench/present.ts";
import { feeRulesBelow } from "../bench/prices/costs.ts";
import { bestBatch, recommend } from "../bench/recommend.ts";
import { parseRate, parseShare, parseTime } from "../bench/wishes.ts";
import { type FiguresArgs, figuresOptions, loadFigures } from "../command-line/figures.ts";
import { CONFIG_FILE, loadConfig } from "../config/config.ts";
import { UserError } from "../errors.ts";
import { print, printJson } from "../output.ts";

export const builder = (yargs: Argv) =>
  figuresOptions(yargs)
    .option("p95", {
      string: true,
      requiresArg: true,
      description: "Most time of 95 of 100 warm requests: 50ms, 1.5s",
    })
    .option("cold", {
      string: true,
      requiresArg: true,
      description: "Most time of 95 of 100 cold starts, to the end of the first answer",
    })
    .option("accuracy", {
      string: true,
      requiresArg: true,
      description: "Least accuracy, as the gate of the build measures it: 0.98, 98%",
    })
    .option("rate", {
      string: true,
      requiresArg: true,
      default: "1000000/month",
      description: "How often the function is called: 50/s, 3000/min, 20000/h, 200000/day, 6000000/month",
    })
    .option("cold-share", {
      string: true,
      requiresArg: true,
      default: "1%",
      description: "The share of requests that start an environment",
    })
    .option("tokens", {
      number: true,
      requiresArg: true,
      description: "Tokens of each input [default: what most results have]",
    })
    .option("json", { boolean: true, default: false, description: "Print one JSON document on stdout" })
    .example("$0 recommend --p95 50ms --accuracy 0.98 --rate 200000/day", "the cheapest cell that keeps both")
    .example("$0 recommend --cold 800ms --region eu-west-1", "with the prices of another region");

interface RecommendArgs extends FiguresArgs {
  p95?: string;
  cold?: string;
  accuracy?: string;
  rate: string;
  coldShare: string;
  tokens?: number;
  json: boolean;
}

/** Figures of one function and one input. @throws UserError (exit 2) where there are several functions, baselines alone, or no such input */
function choose(all: readonly Figures[], { tokens }: RecommendArgs): Figures[] {
  const functions = [...new Set(all.map(({ cell }) => cell.function))];
  if (functions.length > 1) {
    throw new UserError(`mkimage recommend looks at one function, and the results have ${functions.length}`, {
      hint: `Choose it with --function: ${functions.join(", ")}`,
    });
  }
  const cells = all.filter(({ cell }) => cell.baseline === undefined);
  if (cells.length === 0)
    throw new UserError("The results are of baselines alone", {
      hint: "Measure images beside them: mkimage bench",
    });
  const input = usualInput(cells.filter((each) => tokens === undefined || each.input.tokens === tokens));
  if (input) return all.filter((figures) => isInput(figures, input));
  const known = [...new Set(cells.map((each) => each.input.tokens))].sort((a, b) => a - b);
  throw new UserError(`No result has ${tokens} tokens`, { hint: `Measured: ${known.join(", ")}.` });
}

/** @throws UserError (exit 2) when nothing can be compared: all of it is emulated, or has failed. */
function requireTimes(cells: readonly Figures[]): void {
  if (cells.some(({ warm, cell }) => warm && !cell.baseline)) return;
  const arches = [...new Set(cells.filter(({ emulated }) => emulated).map(({ cell }) => cell.arch))];
  throw new UserError(
    arches.length > 0
      ? `The results have no times: ${arches.join(" and ")} was emulated, and emulated times say nothing`
      : "The results have no times: every cell has failed",
    {
      hint:
        arches.length > 0
          ? `Measure on a machine with ${arches.join(" or ")} (mkimage bench --arch ${arches.join(",")})`
          : "See why with mkimage report, then measure again: mkimage bench",
    },
  );
}

export async function handler(args: RecommendArgs): Promise<void> {
  const wishes = {
    ...(args.p95 !== undefined && { p95: parseTime("p95", args.p95) }),
    ...(args.cold !== undefined && { cold: parseTime("cold", args.cold) }),
    ...(args.accuracy !== undefined && { accuracy: parseShare("accuracy", args.accuracy) }),
  };
  const load = { rate: parseRate(args.rate), coldShare: parseShare("cold-share", args.coldShare) };
  const { series, region, price } = await loadFigures(args);
  const all = series.map(({ latest }) => latest);
  const cells = choose(all, args);
  requireTimes(cells);
  const found = recommend(cells, wishes, load);
  const hasConfig = existsSync(resolve(args.config ?? CONFIG_FILE));
  const config = hasConfig ? await loadConfig({ config: args.config }) : undefined;
  const name = cells[0]?.cell.function;
  const row = config?.functions.find((each) => each.name === name);
  const present = config && row && presentCell(cells, row, config);
  const best = found.best?.figures;
  const advice: Advice = {
    ...found,
    region,
    load,
    wishes,
    ...(present && { present: { figures: present, monthly: monthlyCost(present, load) } }),
    ...(best && {
      lines: configLines(best, config?.quantization),
      batching: bestBatch(best, all),
      feeRulesBelow: feeRulesBelow(price(best.cell.arch), best),
      fee: price(best.cell.arch).request,
    }),
  };
  if (args.json) printJson(advice);
  else {
    print(adviceText(advice));
    const chosen = best ? [best, ...cells.filter(({ cell }) => cell.baseline)] : [];
    for (const sentence of againstBaselines(comparedFigures(chosen))) print(sentence);
  }
  if (!found.best) {
    const [nearest] = found.rejected;
    throw new UserError("No cell keeps every wish", {
      reason: "check",
      hint: nearest
        ? `Nearest: ${nearest.figures.name} at ${nearest.figures.memoryMB} MB: ${nearest.failing.map(({ text }) => text).join("; ")}`
        : "",
    });
  }
}
