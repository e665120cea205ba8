import fc from "fast-check";
import { expect, test } from "vitest";
import { liveBefore, recordOf } from "../../../../build/deploy/record.ts";
import { type AliasState, isState, rolledBackState, shiftedState } from "../../../../build/deploy/shift.ts";

/** What Lambda says of an alias with this state. */
const toAlias = ({ version, weights, before }: AliasState) => ({
  FunctionVersion: version,
  Description: recordOf(before),
  ...(Object.keys(weights).length > 0 && { RoutingConfig: { AdditionalVersionWeights: { ...weights } } }),
});

const shifted = (state: AliasState | undefined, version: string, weight?: number) =>
  shiftedState(state && toAlias(state), version, weight);

test("a new alias gets the version, also with a canary: there is nothing to share with", () => {
  expect(shiftedState(undefined, "1", 0.1)).toEqual({ version: "1", weights: {}, before: [] });
});

test("a canary leaves the live version and the record; its end moves both", () => {
  const first = shifted(undefined, "1");
  const canary = shifted(first, "4", 0.1);
  expect(canary).toEqual({ version: "1", weights: { 4: 0.1 }, before: [] });
  expect(shifted(canary, "4")).toEqual({ version: "4", weights: {}, before: ["1"] });
});

test("a rollback goes to what was live, then further back, and ends without a record", () => {
  const state = shifted(shifted(shifted(undefined, "1"), "4"), "7");
  expect(state.before).toEqual(["4", "1"]);
  const once = rolledBackState(toAlias(state)) as AliasState;
  expect(once).toEqual({ version: "4", weights: {}, before: ["1"] });
  const twice = rolledBackState(toAlias(once)) as AliasState;
  expect(twice).toEqual({ version: "1", weights: {}, before: [] });
  expect(rolledBackState(toAlias(twice))).toBeUndefined();
});

test("a rollback of a canary takes the canary back and keeps the record", () => {
  const canary = shifted(shifted(shifted(undefined, "1"), "4"), "7", 0.5);
  expect(rolledBackState(toAlias(canary))).toEqual({ version: "4", weights: {}, before: ["1"] });
});

test("the record comes back from a description as it went in, and fits", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1e9 }).map(String), { maxLength: 5 }), (before) => {
      const description = recordOf(before);
      expect(description.length).toBeLessThanOrEqual(256);
      expect(liveBefore(description)).toEqual(before);
    }),
  );
});

test.each([[undefined], [""], ["live"], ["mkimage: live before: "], ["mkimage: live before: $LATEST"]])(
  "a description of someone else's is no record: %j",
  (description) => expect(liveBefore(description)).toEqual([]),
);

test("an alias is as it should be only with the same version and weights", () => {
  const state = { version: "2", weights: { 3: 0.1 }, before: [] };
  expect(isState(toAlias(state), state)).toBe(true);
  expect(isState(toAlias(state), { ...state, weights: {} })).toBe(false);
  expect(isState(toAlias(state), { ...state, weights: { 3: 0.2 } })).toBe(false);
  expect(isState(undefined, state)).toBe(false);
});
