import { beforeEach, expect, test, vi } from "vitest";
import { type Live, matchingVersion } from "../../../../build/deploy/live.ts";
import { publish } from "../../../../build/deploy/publish.ts";
import { UserError } from "../../../../build/errors.ts";
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
