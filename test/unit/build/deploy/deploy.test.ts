import { beforeEach, expect, test, vi } from "vitest";
import { deploy } from "../../../../build/deploy/deploy.ts";
import { prove } from "../../../../build/deploy/prove.ts";
import { UserError } from "../../../../build/errors.ts";
import { fakeLambda, targetOf } from "./fake-lambda.ts";

vi.mock("../../../../build/deploy/prove.ts", () => ({ prove: vi.fn() }));
vi.mock("../../../../build/deploy/measure.ts", () => ({ passGates: vi.fn(async () => ({ warmMs: 1 })) }));

const proof = { firstMs: 1, warmMs: 1, coldMs: 1 };

beforeEach(() => {
  vi.mocked(prove).mockReset().mockResolvedValue(proof);
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
});

const two = (memory: number) => [targetOf("first", { memory }), targetOf("second", { memory })];

test("no alias moves before every version has answered as it should", async () => {
  const { writes, functions, options } = fakeLambda();
  vi.mocked(prove).mockImplementation(async ({ name }) => {
    if (name === "second") throw new UserError("wrong", { reason: "check" });
    return proof;
  });
  await expect(deploy(two(512), options)).rejects.toThrow("wrong");
  expect(writes).toEqual(["create", "publish", "create", "publish"]);
  expect(functions.get("first")?.alias).toBeUndefined();
});

test("when an alias cannot be moved, those that were moved before get their version and their record back", async () => {
  let isDenied = false;
  const { functions, options } = fakeLambda((action, { FunctionName }) => {
    if (isDenied && action === "alias" && FunctionName === "second") throw new UserError("denied");
  });
  await deploy(two(512), options);
  const before = functions.get("first")?.alias;
  expect(before).toMatchObject({ FunctionVersion: "1" });
  isDenied = true;
  await expect(deploy(two(1024), options)).rejects.toThrow("denied");
  expect(functions.get("first")?.alias).toMatchObject({
    FunctionVersion: "1",
    Description: before?.Description,
  });
  isDenied = false;
  const deployed = await deploy(two(1024), options);
  expect(deployed.map(({ version, before: was }) => [version, was])).toEqual([
    ["2", "1"],
    ["2", "1"],
  ]);
});

test("what is live already is neither written nor asked again", async () => {
  const { writes, options } = fakeLambda();
  await deploy(two(512), options);
  const count = writes.length;
  const again = await deploy(two(512), options);
  expect(writes).toHaveLength(count);
  expect(prove).toHaveBeenCalledTimes(2);
  expect(again.map(({ changed }) => changed)).toEqual([false, false]);
});
