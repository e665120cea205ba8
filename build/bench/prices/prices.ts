import { join } from "node:path";
import { z } from "zod";
import { nearest } from "../../../models/nearest.ts";
import { ARCHES, type Arch, names } from "../../catalog.ts";
import { UserError } from "../../errors.ts";
import { readProjectJson } from "../../files/json.ts";
import builtIn from "./prices.json" with { type: "json" };

/** Where `mkimage prices update` writes, in a project's folder. */
export const PRICES_FILE = "bench/prices.json";

const dollars = z.number().positive();

const priceSchema = z.strictObject({
  region: z.string().min(1),
  arch: z.enum(names(ARCHES)),
  /** Of a GB-second of an invocation or of INIT, in the first tier; 1 GB is 1024 MB. */
  gbSecond: dollars,
  /** Of one request. */
  request: dollars,
  /** Of a GB-second of /tmp beyond 512 MB. */
  storageGbSecond: dollars.optional(),
  /** Provisioned concurrency: of a GB-second of an environment that is kept started, and of an invocation in it. */
  provisioned: z.strictObject({ gbSecond: dollars, duration: dollars }).optional(),
  /** Of a GB-second of a cached snapshot, and of a GB that is restored. */
  snapStart: z.strictObject({ cacheGbSecond: dollars, restoreGb: dollars }).optional(),
  /** An EC2 instance of Lambda Managed Instances: `hour` on demand, and `fee`, the share of it that Lambda adds. */
  managedInstance: z
    .strictObject({ type: z.string(), vcpus: dollars, memoryMB: dollars, hour: dollars, fee: dollars })
    .optional(),
  /** When the row was written, and from what. */
  date: z.iso.date(),
  source: z.string().min(1),
});

/** A row of the price table in US dollars, without the free tier, discounts and taxes. */
export type Price = z.output<typeof priceSchema>;

const priceTable = z.array(priceSchema).min(1);

/** The table that mkimage comes with. */
const BUILT_IN: readonly Price[] = priceTable.parse(builtIn);

/**
 * The price table of a project: its own, or that of mkimage.
 * @throws UserError (exit 2) when the project's own is not valid
 */
export const readPrices = async (project: string): Promise<readonly Price[]> =>
  (await readProjectJson(priceTable, join(project, PRICES_FILE))) ?? BUILT_IN;

/** A region of the same part of the world: "eu-west-9" → "eu-west-1". */
function nearestRegion(region: string, known: readonly string[]): string | undefined {
  const near = nearest(region, known);
  if (near) return near;
  const area = region.split("-").slice(0, -1).join("-");
  return (
    known.find((each) => each.startsWith(`${area}-`)) ??
    known.find((each) => each.startsWith(region.slice(0, 3)))
  );
}

/**
 * The row of a region and an architecture.
 * @throws UserError (exit 2) for a region without prices, with the nearest one that has them
 */
export function priceOf(prices: readonly Price[], region: string, arch: Arch): Price {
  const found = prices.find((each) => each.region === region && each.arch === arch);
  if (found) return found;
  const near = nearestRegion(region, [...new Set(prices.map((each) => each.region))]);
  const take = near ? `Take the nearest that has them with --region ${near}, or fetch` : "Fetch";
  throw new UserError(`No prices of region "${region}" on ${arch}`, {
    hint: `${take} those of every region: mkimage prices update`,
  });
}
