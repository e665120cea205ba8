import { beforeEach, expect, test, vi } from "vitest";
import type { FunctionConfiguration } from "../../../../build/clients/lambda.ts";
import { publish } from "../../../../build/deploy/publish.ts";
import { recordOf } from "../../../../build/deploy/record.ts";
import { rollBack } from "../../../../build/deploy/rollback.ts";
import { UserError } from "../../../../build/errors.ts";
import { refusal } from "../../../support/refusal.ts";
import { stderrText } from "../../../support/stderr.ts";
import { fakeLambda, targetOf } from "./fake-lambda.ts";

const NOTHING = { latest: undefined, alias: undefined, versions: new Map() };
let said: () => string;

beforeEach(() => {
  said = stderrText();
});

/**
 * Functions with the versions 1, 2 and 3, of which 3 is live and was preceded by 2 and 1. Each look at version 2 gives the next of
 * these states, the last one for ever.
 */
async function functionsWith(states: Partial<FunctionConfiguration>[], names = ["embed"]) {
  const { functions, writes, options } = fakeLambda((action, { FunctionName }) => {
    if (action === "alias" && FunctionName === "denied")
      throw new UserError("AWS denies lambda:UpdateAlias", { reason: "environment" });
  });
  const invoke = vi.fn(async (): Promise<never> => {
    throw new UserError("AWS refuses lambda:InvokeFunction: ResourceNotReadyException", {
      reason: "environment",
    });
  });
  options.lambda.invoke = invoke as never;
  for (const name of names) {
    for (const memory of [128, 256, 512]) await publish(targetOf(name, { memory }), NOTHING, options);
    const held = functions.get(name);
    if (held) held.alias = { Name: "live", FunctionVersion: "3", Description: recordOf(["2", "1"]) };
  }
  const left = [...states];
  const look = async (name: string, version?: string) => {
    const found = functions.get(name)?.versions.get(version ?? "");
    if (!found || version !== "2") return found;
    const state = left.length > 1 ? left.shift() : left[0];
    return { ...found, configuration: { ...found.configuration, ...state } };
  };
  options.lambda.findFunction = look as never;
  options.lambda.configuration = (async (name: string, version?: string) =>
    (await look(name, version))?.configuration) as never;
  writes.length = 0;
  const live = (name = "embed") => functions.get(name)?.alias;
  return { writes, options, invoke, live };
}
const EMBED = [{ name: "embed", alias: "live" }];

test("a version that is Active gets all calls: one write, and no other call", async () => {
  const { writes, options, invoke, live } = await functionsWith([{ State: "Active" }]);
  expect(await rollBack(EMBED, options)).toMatchObject([{ name: "embed", version: "2", from: ["3"] }]);
  expect(writes).toEqual(["alias"]);
  expect(invoke).not.toHaveBeenCalled();
  expect(live()).toMatchObject({ FunctionVersion: "2", Description: recordOf(["1"]) });
});

test("a version that is Inactive is woken by a call, before callers get it", async () => {
  const { options, invoke, live } = await functionsWith([
    { State: "Inactive" },
    { State: "Inactive" },
    { State: "Pending" },
    { State: "Pending" },
    { State: "Active" },
  ]);
  await rollBack(EMBED, options);
  expect(invoke).toHaveBeenCalledExactlyOnceWith("embed", expect.objectContaining({ qualifier: "2" }));
  expect(said()).toContain("version 2 is Inactive");
  expect(live()).toMatchObject({ FunctionVersion: "2" });
});

test.each([
  {
    what: "Failed, as its image is gone from ECR",
    state: { State: "Failed", StateReason: "The image was deleted", StateReasonCode: "ImageDeleted" },
    says: "Lambda failed with version 2 of embed: The image was deleted",
  },
  {
    what: "Inactive for ever",
    state: { State: "Inactive", StateReason: "The subnet is gone" },
    says: "Version 2 of embed stays Inactive: The subnet is gone",
  },
] as const)("a version that is $what gets no calls", async ({ state, says }) => {
  const { writes, options, live } = await functionsWith([state]);
  const error = await refusal(() => rollBack(EMBED, options));
  expect(error).toMatchObject({ exitCode: 1, message: says });
  expect(error.hint).toContain("The alias is as it was, with version 3.");
  expect(error.hint).toContain(
    "Version 1 was live before it: aws lambda update-alias --function-name embed --name live --function-version 1",
  );
  expect(writes).toEqual([]);
  expect(live()).toMatchObject({ FunctionVersion: "3" });
});

test("a call that is denied says the permission", async () => {
  const { options, invoke } = await functionsWith([{ State: "Inactive" }]);
  const cause = Object.assign(new Error(), { name: "AccessDeniedException" });
  invoke.mockRejectedValue(new UserError("AWS denies lambda:InvokeFunction", { cause }));
  const error = await refusal(() => rollBack(EMBED, options));
  expect(error.message).toBe("AWS denies lambda:InvokeFunction");
});

test("of several functions none is changed when one has no way back", async () => {
  const { writes, options } = await functionsWith([{ State: "Active" }], ["embed", "other"]);
  options.lambda.findAlias = (async (name: string) =>
    name === "embed"
      ? { Name: "live", FunctionVersion: "3", Description: recordOf(["2"]) }
      : undefined) as never;
  await expect(rollBack([...EMBED, { name: "other", alias: "live" }], options)).rejects.toThrow(
    "Function other has no alias live",
  );
  expect(writes).toEqual([]);
});

test("when a later one cannot be changed, it says which are back: the same command would take them further", async () => {
  const { options, live } = await functionsWith([{ State: "Active" }], ["embed", "denied"]);
  const error = await refusal(() => rollBack([...EMBED, { name: "denied", alias: "live" }], options));
  expect(error.hint).toBe("Rolled back already: embed. Name the others with --function.");
  expect(live()).toMatchObject({ FunctionVersion: "2" });
});
