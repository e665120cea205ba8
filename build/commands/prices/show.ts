import type { Argv } from "yargs";
import { priceOf, readPrices } from "../../bench/prices/prices.ts";
import { ARCHES, names } from "../../catalog.ts";
import { print, printJson, table } from "../../output.ts";
import { jsonOption, type ModelsArgs, projectOf, projectOption } from "../models/options.ts";

export const builder = (yargs: Argv) =>
  yargs
    .option("config", projectOption)
    .option("region", {
      string: true,
      requiresArg: true,
      description: "One region [default: all]",
    })
    .option("json", jsonOption)
    .example("$0 prices show --region eu-west-1", "what a region costs, with date and source of the figures");

/** Dollars per million, without the rounding of binary fractions. */
const million = (dollars: number | undefined): string =>
  dollars === undefined ? "" : String(Number((dollars * 1e6).toPrecision(8)));

export async function handler(args: ModelsArgs & { region?: string }): Promise<void> {
  const prices = await readPrices(projectOf(args));
  const { region } = args;
  const rows = region ? names(ARCHES).map((arch) => priceOf(prices, region, arch)) : prices;
  if (args.json) return printJson(rows);
  const head = [
    "region",
    "arch",
    "$/M GB-s",
    "$/M requests",
    "/tmp",
    "provisioned",
    "in use",
    "snapshot",
    "restore",
    "instance $/h",
    "date",
    "source",
  ];
  const lines = rows.map(({ provisioned, snapStart, managedInstance, ...row }) => [
    row.region,
    row.arch,
    million(row.gbSecond),
    million(row.request),
    million(row.storageGbSecond),
    million(provisioned?.gbSecond),
    million(provisioned?.duration),
    million(snapStart?.cacheGbSecond),
    million(snapStart?.restoreGb),
    managedInstance ? `${managedInstance.hour} ${managedInstance.type}` : "",
    row.date,
    row.source,
  ]);
  print(table([head, ...lines]));
}
