import type { Argv } from "yargs";
import { CloudWatchLogs, type LogEvent } from "../clients/cloudwatch-logs.ts";
import { Lambda } from "../clients/lambda.ts";
import { type MatrixArgs, matrixOptions, type Run } from "../command-line/options.ts";
import { loadConfig } from "../config/config.ts";
import { readLog } from "../deploy/logs.ts";
import { UserError } from "../errors.ts";
import { print, printJson } from "../output.ts";

export const builder = (yargs: Argv) =>
  matrixOptions(yargs)
    .option("since", {
      string: true,
      requiresArg: true,
      default: "10m",
      description: "How far back: 30s, 10m, 2h, 7d",
    })
    .option("follow", {
      boolean: true,
      default: false,
      description: "Go on with what is written from now on, until Ctrl-C",
    })
    .option("filter", {
      string: true,
      requiresArg: true,
      description: "Only lines with this, in the syntax of CloudWatch's filter patterns",
    })
    .example("$0 logs --function embed --since 1h", "what the function has written in the last hour")
    .example("$0 logs --function embed --follow --filter ERROR", "errors as they happen");

export interface LogsArgs extends MatrixArgs {
  since: string;
  follow: boolean;
  filter?: string;
}

const UNITS = { s: 1e3, m: 60e3, h: 3600e3, d: 86400e3 } as const;

/** `10m` in milliseconds. @throws UserError (exit 2) for anything else */
function duration(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count && unit) return Number(count) * UNITS[unit as keyof typeof UNITS];
  throw new UserError(`--since: "${text}" is not valid`, {
    hint: "Write a number and a unit: 30s, 10m, 2h, 7d",
  });
}

const lineOf = ({ time, message }: LogEvent): string => `${new Date(time).toISOString()}  ${message}`;

export async function handler(args: LogsArgs, { signal }: Run): Promise<void> {
  const since = Date.now() - duration(args.since);
  const { functions } = await loadConfig(args);
  const [row, ...others] = functions;
  if (!row || others.length > 0) {
    throw new UserError(`mkimage logs reads the log of one function, and ${functions.length} are chosen`, {
      hint: `Choose it with --function: ${functions.map(({ name }) => name).join(", ")}`,
    });
  }
  const found = await new Lambda(signal).findFunction(row.name);
  if (!found) {
    throw new UserError(`Function ${row.name} is not in Lambda`, {
      reason: "check",
      hint: "Deploy it first: mkimage deploy",
    });
  }
  const group = found.configuration.LoggingConfig?.LogGroup ?? `/aws/lambda/${row.name}`;
  const query = { group, since, pattern: args.filter };
  const events: LogEvent[] = [];
  for await (const event of readLog(new CloudWatchLogs(signal), query, { follow: args.follow, signal })) {
    if (!args.json) print(lineOf(event));
    else if (args.follow) print(JSON.stringify(event));
    else events.push(event);
  }
  if (args.json) printJson(events);
}
