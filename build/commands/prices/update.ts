import { join } from "node:path";
import type { Argv } from "yargs";
import { readOffer } from "../../bench/prices/offer.ts";
import { PRICES_FILE, readPrices } from "../../bench/prices/prices.ts";
import { fetchOffer, LAMBDA_OFFER } from "../../clients/price-list.ts";
import type { Run } from "../../command-line/options.ts";
import { UserError } from "../../errors.ts";
import { writeAtomic } from "../../files/atomic.ts";
import { stringify } from "../../files/json.ts";
import { print, printJson } from "../../output.ts";
import { jsonOption, type ModelsArgs, projectOf, projectOption } from "../models/options.ts";

export const builder = (yargs: Argv) =>
  yargs
    .option("config", projectOption)
    .option("from", {
      string: true,
      requiresArg: true,
      default: LAMBDA_OFFER,
      description: "Address of an offer file of Lambda, as AWS's price list has it",
    })
    .option("json", jsonOption)
    .example("$0 prices update", `write ${PRICES_FILE} with the prices of every region`);

export async function handler(args: ModelsArgs & { from: string }, { signal }: Run): Promise<void> {
  if (!/^https?:$/.test(URL.parse(args.from)?.protocol ?? "")) {
    throw new UserError(`--from: "${args.from}" is not an address`, {
      hint: `Write one such as ${LAMBDA_OFFER}`,
    });
  }
  const project = projectOf(args);
  const before = await readPrices(project);
  const rows = readOffer(await fetchOffer(args.from, signal), { source: args.from, before });
  const file = join(project, PRICES_FILE);
  await writeAtomic(file, stringify(rows));
  const same = new Set(before.map(({ date: _, source: __, ...row }) => JSON.stringify(row)));
  const changed = rows.filter(({ date: _, source: __, ...row }) => !same.has(JSON.stringify(row)));
  const regions = new Set(rows.map(({ region }) => region)).size;
  const date = rows[0]?.date;
  if (args.json) return printJson({ file, regions, rows: rows.length, changed: changed.length, date });
  print(`${file}: ${regions} regions as of ${date}, ${changed.length} of ${rows.length} rows new or changed`);
}
