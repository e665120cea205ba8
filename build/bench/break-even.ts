import type { Figures } from "./figures.ts";
import { type Load, monthlyCost } from "./monthly.ts";
import { durationCost, gigabytes } from "./prices/costs.ts";
import type { Price } from "./prices/prices.ts";
import { MONTH } from "./wishes.ts";

/** MB of memory with which a function has one vCPU. */
const VCPU = 1769;
/** The share of its time that an environment or instance is planned to work: the rest is room for bursts. */
export const PLANNED_USE = 0.7;
/** Instances that Lambda starts at least, one in each of three availability zones. */
export const LEAST_INSTANCES = 3;

/** Ways to pay for the same function. */
export const PLANS = ["on demand", "SnapStart", "provisioned", "managed instances"] as const;
export type Plan = (typeof PLANS)[number];

/** What a plan costs at a load. */
export interface PlanCost {
  readonly plan: Plan;
  /** Dollars of a month. */
  readonly monthly: number;
  /** Environments or instances that are kept started. */
  readonly kept?: number;
}

interface Case {
  readonly figures: Figures;
  readonly price: Price;
}

/** What is needed for a rate of requests that take so many milliseconds, at the planned use. */
const concurrency = (rate: number, milliseconds: number): number =>
  (rate * milliseconds) / 1000 / PLANNED_USE;

/** Milliseconds of a request on average: a median would leave out what the slow ones keep busy. */
const meanTime = ({ throughput }: NonNullable<Figures["warm"]>): number => 1000 / throughput;

function provisioned({ figures, price }: Case, { rate }: Load): PlanCost | undefined {
  const { warm, costs, memoryMB } = figures;
  if (!price.provisioned || !warm || !costs) return undefined;
  const kept = Math.max(1, Math.ceil(concurrency(rate, meanTime(warm))));
  // What is billed of a request on demand, at the other price of time.
  const seconds = (costs.perMillion.value / 1e6 - price.request) / durationCost(price, figures, 1000);
  const request = price.request + seconds * durationCost(price, figures, 1000, price.provisioned.duration);
  const idle = kept * gigabytes(memoryMB) * price.provisioned.gbSecond;
  return { plan: "provisioned", kept, monthly: MONTH * (idle + rate * request) };
}

/** A restore is paid by the GB, and so is the snapshot of one version; INIT is paid once, when the version is published. */
function snapStart({ figures, price }: Case, { rate, coldShare }: Load): PlanCost | undefined {
  const { costs, memoryMB } = figures;
  if (!price.snapStart || !costs) return undefined;
  const cache = gigabytes(memoryMB) * price.snapStart.cacheGbSecond;
  const restore = coldShare * gigabytes(memoryMB) * price.snapStart.restoreGb;
  return {
    plan: "SnapStart",
    monthly: MONTH * (cache + rate * (costs.perMillion.value / 1e6 + restore)),
  };
}

function managed({ figures, price }: Case, { rate }: Load): PlanCost | undefined {
  const { warm, memoryMB } = figures;
  const { managedInstance } = price;
  if (!managedInstance || !warm) return undefined;
  const vcpus = concurrency(rate, meanTime(warm)) * (memoryMB / VCPU);
  const kept = Math.max(LEAST_INSTANCES, Math.ceil(vcpus / managedInstance.vcpus));
  const hour = managedInstance.hour * (1 + managedInstance.fee);
  return {
    plan: "managed instances",
    kept,
    monthly: (MONTH / 3600) * kept * hour + MONTH * rate * price.request,
  };
}

/** What each plan costs that has prices in the region; on demand comes first. None for a cell without times. Pure. */
export function planCosts(each: Case, load: Load): PlanCost[] {
  const monthly = monthlyCost(each.figures, load);
  if (monthly === undefined) return [];
  const others = [snapStart(each, load), provisioned(each, load), managed(each, load)];
  return [{ plan: "on demand", monthly }, ...others.filter((plan) => plan !== undefined)];
}

/** Requests per second that are looked at, from one in 12 days to a hundred thousand a second. */
const RATES = { least: 1e-6, most: 1e5 };

/**
 * The lowest rate, in requests per second, from which a plan costs no more than on demand; undefined where it always costs
 * more. Plans keep whole environments, so what they cost has steps: the rates are gone through in steps of 2 %.
 */
export function breakEven(
  each: Case,
  plan: Plan,
  { coldShare }: Pick<Load, "coldShare">,
): number | undefined {
  for (let rate = RATES.least; rate <= RATES.most; rate *= 1.02) {
    const costs = planCosts(each, { rate, coldShare });
    const found = costs.find((cost) => cost.plan === plan);
    if (!found || !costs[0]) return undefined;
    if (found.monthly <= costs[0].monthly) return rate;
  }
  return undefined;
}
