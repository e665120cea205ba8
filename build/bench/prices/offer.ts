import { z } from "zod";
import type { Arch } from "../../catalog.ts";
import { UserError } from "../../errors.ts";
import { checkJson } from "../../files/json.ts";
import type { Price } from "./prices.ts";

/** The parts of an offer file that are read: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-file-for-services.html */
const offerSchema = z.object({
  offerCode: z.literal("AWSLambda"),
  publicationDate: z.iso.datetime({ offset: true }),
  products: z.record(
    z.string(),
    z.object({
      sku: z.string(),
      attributes: z.object({ regionCode: z.string().optional(), usagetype: z.string().optional() }),
    }),
  ),
  terms: z.object({
    OnDemand: z.record(
      z.string(),
      z.record(
        z.string(),
        z.object({
          priceDimensions: z.record(
            z.string(),
            z.object({
              beginRange: z.string().optional(),
              pricePerUnit: z.object({ USD: z.string().optional() }),
            }),
          ),
        }),
      ),
    ),
  }),
});
type Offer = z.output<typeof offerSchema>;

/** `EUC1-Lambda-GB-Second-ARM`: the region, where it is not us-east-1, what is used, and the architecture. */
const USAGE = /^(?:[A-Z]{2,4}\d{0,2}-)?([A-Z][a-z].*?)(-ARM)?$/;

/** What is billed, by the name that AWS has for its use. */
const USES = {
  "Lambda-GB-Second": "gbSecond",
  Request: "request",
  "Lambda-Storage-GB-Second": "storageGbSecond",
  "Lambda-Provisioned-Concurrency": "provisioned",
  "Lambda-Provisioned-GB-Second": "provisionedDuration",
  "Lambda-SnapStart-Cached-GB-S": "snapStartCache",
  "Lambda-SnapStart-Restored-GB": "snapStartRestore",
} as const;
type Use = (typeof USES)[keyof typeof USES];
type Found = Partial<Record<Use, number>>;

/** The price of the first tier, in dollars. */
function firstTier(offer: Offer, sku: string): number | undefined {
  const dimensions = Object.values(offer.terms.OnDemand[sku] ?? {}).flatMap((term) =>
    Object.values(term.priceDimensions),
  );
  const first = dimensions.find(({ beginRange = "0" }) => Number(beginRange) === 0);
  const value = Number(first?.pricePerUnit.USD);
  return value > 0 ? value : undefined;
}

/** Region → architecture → prices. */
function collect(offer: Offer): Map<string, Record<Arch, Found>> {
  const regions = new Map<string, Record<Arch, Found>>();
  for (const { sku, attributes } of Object.values(offer.products)) {
    const [, name = "", arm] = USAGE.exec(attributes.usagetype ?? "") ?? [];
    const use = USES[name as keyof typeof USES];
    const value = use && attributes.regionCode ? firstTier(offer, sku) : undefined;
    if (!attributes.regionCode || value === undefined) continue;
    const found = regions.get(attributes.regionCode) ?? { amd64: {}, arm64: {} };
    found[arm ? "arm64" : "amd64"][use] = value;
    regions.set(attributes.regionCode, found);
  }
  return regions;
}

interface Origin {
  readonly source: string;
  readonly date: string;
  /** The rows that there were: offer files of Lambda have no prices of EC2's instances. */
  readonly before: readonly Price[];
}

function toPrice(
  region: string,
  arch: Arch,
  found: Found,
  { source, date, before }: Origin,
): Price | undefined {
  const { gbSecond, request, storageGbSecond, provisioned, provisionedDuration } = found;
  if (gbSecond === undefined || request === undefined) return undefined;
  const { snapStartCache, snapStartRestore } = found;
  const managedInstance = before.find((row) => row.region === region && row.arch === arch)?.managedInstance;
  return {
    region,
    arch,
    gbSecond,
    request,
    ...(storageGbSecond && { storageGbSecond }),
    ...(provisioned &&
      provisionedDuration && { provisioned: { gbSecond: provisioned, duration: provisionedDuration } }),
    ...(snapStartCache &&
      snapStartRestore && { snapStart: { cacheGbSecond: snapStartCache, restoreGb: snapStartRestore } }),
    ...(managedInstance && { managedInstance }),
    date,
    source,
  };
}

/**
 * The price table that is in AWS's offer file of Lambda: a row for each region and architecture with prices of time and
 * requests. What has one price for both architectures, as SnapStart, is in both rows.
 * @throws UserError (exit 2) for a file of another service or form
 */
export function readOffer(
  value: unknown,
  { source, before }: { readonly source: string; readonly before: readonly Price[] },
): Price[] {
  const offer = checkJson(offerSchema, value, source);
  const origin = { source, before, date: offer.publicationDate.slice(0, 10) };
  const rows = [...collect(offer)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([region, { amd64, arm64 }]) => {
      const { gbSecond: _, ...shared } = amd64;
      // A region without arm64 has no price of its time.
      const arm = toPrice(region, "arm64", { ...shared, ...arm64 }, origin);
      return [toPrice(region, "amd64", amd64, origin), arm].filter((row) => row !== undefined);
    });
  if (rows.length > 0) return rows;
  throw new UserError(`${source} has no prices of Lambda functions`, {
    hint: "Check that it is the offer file of AWSLambda for all regions.",
  });
}
