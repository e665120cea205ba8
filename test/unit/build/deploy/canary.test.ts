import { beforeEach, expect, test, vi } from "vitest";
import type { CallCounts } from "../../../../build/clients/cloudwatch.ts";
import { type CanaryPlan, canaryFault, rollOut } from "../../../../build/deploy/canary.ts";
import { prove } from "../../../../build/deploy/prove.ts";
import { UserError } from "../../../../build/errors.ts";
import { refusal } from "../../../support/refusal.ts";
import { stderrText } from "../../../support/stderr.ts";
import { fakeLambda, targetOf } from "./fake-lambda.ts";

vi.mock("../../../../build/deploy/prove.ts", () => ({ prove: vi.fn() }));
vi.mock("../../../../build/deploy/measure.ts", () => ({ passGates: vi.fn(async () => ({ warmMs: 1 })) }));

const PROOF = { firstMs: 1, warmMs: 1, coldMs: 1 };
const PLAN: CanaryPlan = { steps: [0.1, 0.5], wait: 0, errorRate: 0.01, slowdown: 2 };
let said: () => string;

beforeEach(() => {
  vi.mocked(prove).mockReset().mockResolvedValue(PROOF);
  said = stderrText();
});

const target = (memory: number, name = "embed") => {
  const made = targetOf(name, { memory });
  return { ...made, image: { ...made.image, function: name } };
};

/** A function with version 1 live, and the weights that its alias has had since. */
async function deployed(counts: (weight: number) => CallCounts | Error = () => ({ calls: 100, errors: 0 })) {
  const { functions, options } = fakeLambda();
  await rollOut([target(512)], undefined, { ...options, metrics: { callCounts: vi.fn() } });
  const weightNow = () =>
    Object.values(functions.get("embed")?.alias?.RoutingConfig?.AdditionalVersionWeights ?? {})[0] ?? 0;
  const seen: number[] = [];
  const metrics = {
    callCounts: vi.fn(async ({ version }: { version: string }) => {
      // The live version answers as usual; before the first step the permission alone is tried.
      if (version === "1" && weightNow() > 0) return { calls: 900, errors: 0, meanMs: 10 };
      seen.push(weightNow());
      const answer = counts(weightNow());
      if (answer instanceof Error) throw answer;
      return answer;
    }),
  };
  const alias = () => functions.get("embed")?.alias;
  return { alias, seen, metrics, options: { ...options, metrics } };
}

test("a new version gets the parts one after the other, is checked before each and watched after it, then gets all", async () => {
  const { alias, seen, options } = await deployed();
  const [done] = await rollOut([target(1024)], PLAN, options);
  expect(seen).toEqual([0, 0.1, 0.5]);
  expect(prove).toHaveBeenCalledTimes(4);
  expect(done).toMatchObject({ version: "2", weight: 1 });
  expect(alias()).toMatchObject({ FunctionVersion: "2", Description: "mkimage: live before: 1" });
});

test("too many errors take it back, and the version that is live has all calls", async () => {
  const { alias, seen, options } = await deployed((weight) => ({
    calls: 200,
    errors: weight === 0.5 ? 3 : 0,
  }));
  const error = await refusal(() => rollOut([target(1024)], PLAN, options));
  expect(error).toMatchObject({
    exitCode: 1,
    hint: expect.stringContaining("mkimage logs --function embed"),
  });
  expect(error.message).toBe(
    "The canary was taken back: version 2 of embed: 3 of 200 calls failed, and 1 % may",
  );
  expect(seen).toEqual([0, 0.1, 0.5]);
  expect(alias()).toMatchObject({ FunctionVersion: "1", RoutingConfig: { AdditionalVersionWeights: {} } });
  expect(said()).toContain("alias live has version 1 for all calls again");
});

test("a version that answers wrongly at a later step is taken back as well", async () => {
  const { alias, options } = await deployed();
  vi.mocked(prove)
    .mockResolvedValueOnce(PROOF)
    .mockRejectedValueOnce(new UserError("wrong", { reason: "check" }));
  const error = await refusal(() => rollOut([target(1024)], PLAN, options));
  expect(error.message).toBe("The canary was taken back: wrong");
  expect(alias()).toMatchObject({ FunctionVersion: "1", RoutingConfig: { AdditionalVersionWeights: {} } });
});

test("a shift that cannot be taken back keeps the reason, and says what there is to do", async () => {
  const { alias, options } = await deployed((weight) => ({ calls: 200, errors: weight > 0 ? 200 : 0 }));
  const { updateAlias } = options.lambda;
  options.lambda.updateAlias = async (input) => {
    if (Object.keys(input.RoutingConfig?.AdditionalVersionWeights ?? {}).length === 0)
      throw new UserError("AWS denies lambda:UpdateAlias", { reason: "environment" });
    return updateAlias(input);
  };
  const error = await refusal(() => rollOut([target(1024)], PLAN, options));
  expect(error.message).toBe(
    [
      "The canary has to be taken back: version 2 of embed: 200 of 200 calls failed, and 1 % may",
      "alias live of embed has the step that it had: AWS denies lambda:UpdateAlias",
    ].join("\n"),
  );
  expect(error.hint).toContain("mkimage rollback");
  expect(alias()).toMatchObject({ RoutingConfig: { AdditionalVersionWeights: { 2: 0.1 } } });
});

test("metrics that cannot be read are an error before anything is changed, and later leave the step as it is", async () => {
  const denied = new UserError("AWS denies cloudwatch:GetMetricData", { reason: "environment" });
  const never = await deployed(() => denied);
  await expect(rollOut([target(1024)], PLAN, never.options)).rejects.toBe(denied);
  expect(prove).toHaveBeenCalledTimes(1);
  const later = await deployed((weight) => (weight > 0 ? denied : { calls: 0, errors: 0 }));
  await expect(rollOut([target(1024)], PLAN, later.options)).rejects.toBe(denied);
  expect(later.alias()).toMatchObject({ RoutingConfig: { AdditionalVersionWeights: { 2: 0.1 } } });
});

test("an interrupted run leaves its step, and the next one goes on from there", async () => {
  const { alias, seen, options } = await deployed();
  const controller = new AbortController();
  const interrupted = rollOut(
    [target(1024)],
    { ...PLAN, steps: [0.5], wait: 60_000 },
    { ...options, signal: controller.signal },
  );
  await vi.waitUntil(() => seen.includes(0.5));
  controller.abort();
  await expect(interrupted).rejects.toThrow("aborted");
  expect(alias()).toMatchObject({ RoutingConfig: { AdditionalVersionWeights: { 2: 0.5 } } });
  seen.length = 0;
  await rollOut([target(1024)], PLAN, options);
  expect(seen).toEqual([0.5]);
  expect(alias()).toMatchObject({ FunctionVersion: "2" });
});

test("what is live already, and a new alias, have nothing to watch", async () => {
  const { seen, options } = await deployed();
  const [again] = await rollOut([target(512)], PLAN, options);
  expect(again).toMatchObject({ changed: false });
  expect(seen).toEqual([0]);
});

test("without a time the alias stays at the first step", async () => {
  const { alias, seen, options } = await deployed();
  const [done] = await rollOut([target(1024)], { ...PLAN, wait: undefined }, options);
  expect(done).toMatchObject({ weight: 0.1 });
  expect(alias()).toMatchObject({ RoutingConfig: { AdditionalVersionWeights: { 2: 0.1 } } });
  expect(seen).toEqual([]);
});

test("calls that take too long beside the live version's take it back", async () => {
  const { alias, seen, options } = await deployed(() => ({ calls: 100, errors: 0, meanMs: 25 }));
  const error = await refusal(() => rollOut([target(1024)], PLAN, options));
  expect(error.message).toBe(
    "The canary was taken back: version 2 of embed: its calls took 25 ms on average, and may take 2 times the 10 ms of the live version",
  );
  expect(seen).toEqual([0, 0.1]);
  expect(alias()).toMatchObject({ FunctionVersion: "1", RoutingConfig: { AdditionalVersionWeights: {} } });
});

test.each([
  { calls: 19, meanMs: 1000, live: 100, isWrong: false },
  { calls: 20, meanMs: 1000, live: 19, isWrong: false },
  { calls: 20, meanMs: 20, live: 20, isWrong: false },
  { calls: 20, meanMs: 21, live: 20, isWrong: true },
])("$calls calls of $meanMs ms beside $live of 10 ms: $isWrong", ({ calls, meanMs, live, isWrong }) =>
  expect(
    canaryFault({ calls, errors: 0, meanMs }, { calls: live, errors: 0, meanMs: 10 }, PLAN) !== undefined,
  ).toBe(isWrong),
);

test.each([
  { counts: { calls: 0, errors: 0 }, isWrong: false },
  { counts: { calls: 100, errors: 1 }, isWrong: false },
  { counts: { calls: 100, errors: 2 }, isWrong: true },
  { counts: { calls: 1, errors: 1 }, isWrong: true },
  { counts: { calls: 0, errors: 1 }, isWrong: true },
])("$counts at 1 %: $isWrong", ({ counts, isWrong }) =>
  expect(canaryFault(counts, { calls: 0, errors: 0 }, PLAN) !== undefined).toBe(isWrong),
);
