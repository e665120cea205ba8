import * as Plot from "@observablehq/plot";
import {
  breakEven,
  LEAST_INSTANCES,
  PLANNED_USE,
  PLANS,
  type Plan,
  planCosts,
} from "../../bench/break-even.ts";
import type { Figures } from "../../bench/figures.ts";
import { dollars, share } from "../../bench/format.ts";
import type { Load } from "../../bench/monthly.ts";
import type { Price } from "../../bench/prices/prices.ts";
import type { Chart } from "./chart.ts";
import { draw } from "./draw.ts";
import { dataTable } from "./html.ts";

const DAY = 86400;

const plural = (value: number): string => Math.round(value).toLocaleString("en-US");

/** 1234567 → "1.2M": for ticks. */
const short = (value: number): string =>
  value >= 1e9
    ? `${value / 1e9}G`
    : value >= 1e6
      ? `${value / 1e6}M`
      : value >= 1e3
        ? `${value / 1e3}k`
        : String(value);

const planColour = (plan: Plan): string => `var(--step-${PLANS.indexOf(plan) + 1})`;

const STARTS: Readonly<Record<Plan, string>> = {
  "on demand": "each new environment",
  SnapStart: "restores in their place",
  provisioned: "none up to what is kept",
  "managed instances": "none up to what is kept",
};

export interface BreakEvenCase {
  readonly figures: Figures;
  readonly price: Price;
  readonly load: Load;
}

/** What the ways to pay cost against the rate, for one cell; undefined without times. */
export function breakEvenChart({ figures, price, load }: BreakEvenCase): Chart | undefined {
  const now = planCosts({ figures, price }, load);
  if (now.length === 0) return undefined;
  const rates = Array.from({ length: 121 }, (_, index) => load.rate * 10 ** (-3 + index / 20));
  const points = rates.flatMap((rate) =>
    planCosts({ figures, price }, { ...load, rate }).map((each) => ({ ...each, perDay: rate * DAY })),
  );
  const plans = now.map(({ plan }) => plan);
  const svg = draw(
    {
      width: 1000,
      height: 360,
      marginLeft: 66,
      marginRight: 20,
      marginBottom: 44,
      x: { type: "log", label: "requests a day", labelAnchor: "center", ticks: 6, tickFormat: short },
      y: {
        type: "log",
        label: "↑ $ a month",
        grid: true,
        ticks: 6,
        tickFormat: (value: number) => `$${short(value)}`,
      },
      color: { domain: plans, range: plans.map(planColour) },
      marks: [
        Plot.ruleX([load.rate * DAY], { strokeDasharray: "3 4", strokeOpacity: 0.7 }),
        Plot.text([load.rate * DAY], {
          x: (value: number) => value,
          frameAnchor: "top",
          text: () => `${plural(load.rate * DAY)} a day`,
          dx: 6,
          textAnchor: "start",
          fill: "currentColor",
        }),
        Plot.line(points, { x: "perDay", y: "monthly", stroke: "plan", strokeWidth: 2 }),
        Plot.dot(
          now.map((each) => ({ ...each, perDay: load.rate * DAY })),
          {
            x: "perDay",
            y: "monthly",
            fill: "plan",
            r: 4,
            title: ({ plan, monthly }: { plan: Plan; monthly: number }) =>
              `${plan}: ${dollars(monthly)} a month`,
          },
        ),
      ],
    },
    { label: "Lines of what each way to pay costs against the number of requests" },
  );
  const missing = PLANS.filter((plan) => !plans.includes(plan));
  const rows = now.map((each) => ({ ...each, from: breakEven({ figures, price }, each.plan, load) }));
  return {
    id: "break-even",
    title: "Ways to pay",
    text: `${figures.name} at ${figures.memoryMB} MB. ${share(load.coldShare)} of the requests start an environment; what is kept started is planned to work ${share(PLANNED_USE)} of its time.`,
    svg,
    keys: plans.map((plan) => ({ title: plan, colour: planColour(plan), form: "line" })),
    wide: true,
    notes: [
      "SnapStart and provisioned concurrency buy quick starts: a restore costs more than the INIT that it saves, unless that takes seconds.",
      `Managed instances are counted as at least ${LEAST_INSTANCES} of ${price.managedInstance?.type ?? "one type"} on demand, each vCPU as one of the function's.`,
      ...(missing.length > 0
        ? [`No prices of ${missing.join(" and ")} in ${price.region}: mkimage prices update`]
        : []),
    ],
    table: dataTable(
      rows,
      [
        { head: "way to pay", cell: ({ plan }) => plan },
        { head: "$ a month", cell: ({ monthly }) => dollars(monthly), number: ({ monthly }) => monthly },
        { head: "kept started", cell: ({ kept }) => kept ?? "none", number: ({ kept }) => kept },
        { head: "cold starts", cell: ({ plan }) => STARTS[plan] },
        {
          head: "no dearer than on demand from, requests a day",
          cell: ({ plan, from }) => (plan === "on demand" ? "" : from ? plural(from * DAY) : "never"),
          number: ({ from }) => from,
        },
      ],
      { caption: "Ways to pay" },
    ),
  };
}
