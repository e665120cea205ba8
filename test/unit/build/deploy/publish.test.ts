import { beforeEach, expect, test, vi } from "vitest";
import { type Live, matchingVersion } from "../../../../build/deploy/live.ts";
import { publish } from "../../../../build/deploy/publish.ts";
import { UserError } from "../../../../build/errors.ts";
import { refusal } from "../../../support/refusal.ts";
import { fakeLambda, targetOf } from "./fake-lambda.ts";

const NOTHING: Live = { latest: undefined, alias: undefined, versions: new Map() };

beforeEach(() => {
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
});

const versionsOf = (functions: ReturnType<typeof fakeLambda>["functions"]) =>
  functions.get("embed")?.versions ?? new Map();

const named = (name: string) => new UserError("refused", { cause: Object.assign(new Error(), { name }) });

test("a new function is created and published, and the same again is found", async () => {
  const { writes, functions, options } = fakeLambda();
  expect(await publish(targetOf(), NOTHING, options)).toBe("1");
  expect(writes).toEqual(["create", "publish"]);
  expect(await publish(targetOf(), { ...NOTHING, versions: versionsOf(functions) }, options)).toBe("1");
  expect(writes).toHaveLength(2);
});

test("SnapStart that is refused: `auto` goes on without it and does not try again, `true` fails", async () => {
  const refuse = (_: string, { SnapStart }: Record<string, unknown>) => {
    if ((SnapStart as { ApplyOn?: string } | undefined)?.ApplyOn === "PublishedVersions")
      throw new UserError("SnapStart is not supported in this region");
  };
  const { functions, options } = fakeLambda(refuse);
  expect(await publish(targetOf("embed", { snapStart: "auto" }), NOTHING, options)).toBe("1");
  expect(functions.get("embed")?.versions.get("1")?.configuration.SnapStart?.ApplyOn).toBe("None");
  const live = { ...NOTHING, versions: versionsOf(functions) };
  expect(matchingVersion(live, targetOf("embed", { snapStart: "auto" }))).toBe("1");
  expect(matchingVersion(live, targetOf("embed", { snapStart: true }))).toBeUndefined();
  await expect(
    publish(targetOf("embed", { snapStart: true }), NOTHING, fakeLambda(refuse).options),
  ).rejects.toThrow("not supported");
});

test("an update that failed in an earlier run is made again, and one of this run ends it with Lambda's reason", async () => {
  const { functions, writes, options } = fakeLambda();
  await publish(targetOf(), NOTHING, options);
  const failed = { LastUpdateStatus: "Failed" as const, LastUpdateStatusReason: "no such key" };
  const fail = () => {
    const held = functions.get("embed");
    if (held) held.latest = { ...held.latest, configuration: { ...held.latest.configuration, ...failed } };
  };
  fail();
  writes.length = 0;
  expect(await publish(targetOf(), NOTHING, options)).toBe("2");
  expect(writes).toEqual(["code", "publish"]);
  const { updateCode } = options.lambda;
  options.lambda.updateCode = async (input) => {
    const done = await updateCode(input);
    fail();
    return done;
  };
  fail();
  await expect(publish(targetOf(), NOTHING, options)).rejects.toThrow(
    "Lambda failed with embed: no such key",
  );
});

test("a write that is overtaken is decided again from what is there", async () => {
  let first = true;
  const { writes, options } = fakeLambda((action) => {
    if (action !== "configuration" || !first) return;
    first = false;
    throw named("PreconditionFailedException");
  });
  await publish(targetOf(), NOTHING, options);
  const other = targetOf("embed", { memory: 1024 });
  expect(await publish(other, NOTHING, options)).toBe("2");
  expect(writes.filter((each) => each === "configuration")).toHaveLength(2);
});

test("an endless fight ends with an error", async () => {
  const { options } = fakeLambda((action) => {
    if (action === "configuration") throw named("PreconditionFailedException");
  });
  await publish(targetOf(), NOTHING, options);
  const other = targetOf("embed", { memory: 1024 });
  await expect(publish(other, NOTHING, options)).rejects.toThrow();
});

test("a role that was just made is tried again, and another refusal is not", async () => {
  let attempts = 0;
  const { writes, options } = fakeLambda((action) => {
    if (action !== "create") return;
    attempts += 1;
    if (attempts < 4) {
      throw new UserError(
        "Lambda cannot assume the execution role: The role defined for the function cannot be assumed by Lambda.",
      );
    }
  });
  expect(await publish(targetOf(), NOTHING, { ...options, roleWait: 1 })).toBe("1");
  expect(writes).toEqual(["create", "create", "create", "create", "publish"]);
  const other = fakeLambda(() => {
    throw new UserError("The account's code storage is full");
  });
  await expect(publish(targetOf(), NOTHING, other.options)).rejects.toThrow("code storage");
  expect(other.writes).toEqual(["create"]);
});

test.each([
  { canDelete: true, hint: "Nothing is left of the function" },
  { canDelete: false, hint: "aws lambda delete-function --function-name embed" },
])("a function that Lambda cannot make is not left behind (can be removed: $canDelete)", async (each) => {
  const { functions, options } = fakeLambda();
  const { createFunction } = options.lambda;
  const StateReason = "SizeLimitExceeded: Uncompressed container image size exceeds 10 GiB limit";
  options.lambda.createFunction = async (input) => {
    const made = await createFunction(input);
    const held = functions.get("embed");
    if (held) {
      const configuration = { ...held.latest.configuration, State: "Failed" as const, StateReason };
      held.latest = { ...held.latest, configuration };
    }
    return made;
  };
  options.lambda.deleteFunction = async (name) => {
    if (!each.canDelete) throw new UserError("AWS denies lambda:DeleteFunction");
    functions.delete(name);
  };
  const error = await refusal(() => publish(targetOf(), NOTHING, options));
  expect(error).toMatchObject({ exitCode: 1, message: `Lambda failed with embed: ${StateReason}` });
  expect(error.hint).toContain(each.hint);
  expect(functions.has("embed")).toBe(!each.canDelete);
});

test("a function that is Pending is waited for", async () => {
  const { functions, options } = fakeLambda();
  await publish(targetOf(), NOTHING, options);
  const { configuration } = options.lambda;
  const states = ["Pending", "Pending"] as const;
  let looks = 0;
  options.lambda.configuration = async (name, version) => {
    const now = await configuration(name, version);
    const State = states[looks++];
    return State ? { ...now, State } : now;
  };
  expect(await publish(targetOf("embed", { memory: 1024 }), NOTHING, options)).toBe("2");
  expect(looks).toBeGreaterThan(2);
  expect(functions.get("embed")?.versions.get("2")?.configuration.MemorySize).toBe(1024);
});
