import { type Series, seriesOf } from "../../build/bench/figures.ts";
import { priceOf, readPrices } from "../../build/bench/prices/prices.ts";
import type { Result } from "../../build/bench/results.ts";
import type { Arch } from "../../build/catalog.ts";
import { renderReport } from "../../build/report/page.ts";

const prices = await readPrices("/nowhere");
const usPrice = (arch: Arch) => priceOf(prices, "us-east-1", arch);

export const seriesFrom = (results: readonly Result[]): Series[] => seriesOf(results, { priceOf: usPrice });

/** The page of results, at 200,000 requests a day. */
export const pageOf = (results: readonly Result[]): string =>
  renderReport({
    series: seriesFrom(results),
    region: "us-east-1",
    price: usPrice,
    load: { rate: 200_000 / 86_400, coldShare: 0.01 },
  });
