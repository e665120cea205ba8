import { expect, test } from "vitest";
import { aliasOption, canaryPlan, roleOption } from "../../../../build/command-line/deploy-options.ts";
import { deploymentSchema } from "../../../../build/config/deployment.ts";

const row = (name: string, canary?: object) => ({
  name,
  deploy: deploymentSchema.parse(canary ? { canary } : {}),
});
const CONFIGURED = row("embed", { steps: ["5%", "20%"], wait: "10m", errorRate: 0.02 });

test.each([
  { flags: {}, rows: [row("embed")], plan: undefined },
  {
    flags: { canary: "10%" },
    rows: [row("embed")],
    plan: { steps: [0.1], wait: undefined, errorRate: 0.01, slowdown: 2 },
  },
  {
    flags: { canary: "0.5%,99%", canaryWait: "30s" },
    rows: [row("embed")],
    plan: { steps: [0.005, 0.99], wait: 30_000, errorRate: 0.01, slowdown: 2 },
  },
  {
    flags: {},
    rows: [CONFIGURED],
    plan: { steps: [0.05, 0.2], wait: 600_000, errorRate: 0.02, slowdown: 2 },
  },
  {
    flags: { canaryWait: "1h" },
    rows: [CONFIGURED],
    plan: { steps: [0.05, 0.2], wait: 3_600_000, errorRate: 0.02, slowdown: 2 },
  },
  {
    flags: { canary: "10%" },
    rows: [CONFIGURED],
    plan: { steps: [0.1], wait: undefined, errorRate: 0.02, slowdown: 2 },
  },
  {
    flags: { canary: "10%,20%" },
    rows: [CONFIGURED],
    plan: { steps: [0.1, 0.2], wait: 600_000, errorRate: 0.02, slowdown: 2 },
  },
  {
    flags: {},
    rows: [CONFIGURED, CONFIGURED],
    plan: { steps: [0.05, 0.2], wait: 600_000, errorRate: 0.02, slowdown: 2 },
  },
])("$flags: $plan", ({ flags, rows, plan }) => expect(canaryPlan(flags, rows)).toEqual(plan));

test.each(["10", "0%", "100%", "-1%", "10 %", "1e1%", "%", "20%,10%", "10%,10%", ""])(
  "--canary %s is refused",
  (text) =>
    expect(() => canaryPlan({ canary: text, canaryWait: "5m" }, [row("embed")])).toThrow(
      `--canary: "${text}" is not valid`,
    ),
);

test.each([
  {
    flags: { canary: "10%", canaryWait: "5" },
    rows: [row("embed")],
    says: '--canary-wait: "5" is not valid',
  },
  { flags: { canary: "10%,50%" }, rows: [row("embed")], says: "needs the time between them" },
  { flags: { canaryWait: "5m" }, rows: [row("embed")], says: "--canary-wait is for a canary" },
  { flags: {}, rows: [CONFIGURED, row("rank")], says: "Functions embed and rank differ in deploy.canary" },
])("$flags is refused: $says", ({ flags, rows, says }) =>
  expect(() => canaryPlan(flags, rows)).toThrow(says),
);

test("an alias and a role have the form that Lambda takes", () => {
  expect(aliasOption.coerce("live")).toBe("live");
  expect(() => aliasOption.coerce("7")).toThrow("--alias");
  expect(roleOption.coerce("arn:aws-cn:iam::123456789012:role/team/embed")).toContain("embed");
  expect(() => roleOption.coerce("embed")).toThrow("expected the ARN of a role");
});
