import { beforeEach, expect, test, vi } from "vitest";
import { UserError } from "../../../../build/errors.ts";
import { destinationOf, Several } from "../../../../build/registry/destinations.ts";
import { refusal } from "../../../support/refusal.ts";

const PLACES = ["eu-west-1", "us-east-1", "ap-south-1"].map((title) => ({ title }));
const { signal } = new AbortController();
const denied = () => new UserError("AWS denies it", { reason: "environment", hint: "Ask for it." });
const titles = (done: ReadonlyMap<{ title: string }, unknown>) => [...done.keys()].map(({ title }) => title);

beforeEach(() => void vi.spyOn(process.stderr, "write").mockReturnValue(true));

test("one that fails does not stop the others, takes no further step, and is told at the end", async () => {
  const each = new Several(PLACES, signal);
  const done = await each.all(async ({ title }) => {
    if (title === "us-east-1") throw denied();
    return title.length;
  });
  expect([...done.values()]).toEqual([9, 10]);
  const step = vi.fn(async () => 1);
  expect(titles(await each.all(step))).toEqual(["eu-west-1", "ap-south-1"]);
  expect(each.fault()).toMatchObject({
    message: "1 of 3 registries failed\nus-east-1: AWS denies it",
    hint: "Ask for it.",
    exitCode: 3,
  });
});

test("when all have failed, in whatever step, nothing goes on", async () => {
  const each = new Several(PLACES, signal);
  await each.all(async ({ title }) => {
    if (title !== "us-east-1") throw denied();
  });
  const error = await refusal(() => each.all(() => Promise.reject(new UserError("no", { reason: "check" }))));
  expect(error.message).toContain("3 of 3 registries failed");
  expect(error.exitCode).toBe(3);
});

test("with one alone its error is thrown as it is", async () => {
  const fault = denied();
  const each = new Several(PLACES.slice(0, 1), signal);
  await expect(each.all(() => Promise.reject(fault))).rejects.toBe(fault);
  expect(new Several(PLACES, signal).fault()).toBeUndefined();
});

test("Ctrl-C and faults of the tool itself stop all of them", async () => {
  const bug = new Error("a bug");
  const step = vi.fn(() => Promise.reject(bug));
  await expect(new Several(PLACES, signal).all(step)).rejects.toBe(bug);
  expect(step).toHaveBeenCalledOnce();
  const aborted = AbortSignal.abort(new Error("interrupted"));
  await expect(new Several(PLACES, aborted).all(() => Promise.reject(denied()))).rejects.toThrow(
    "interrupted",
  );
});

test.each([
  [undefined, "the default registry"],
  [{ region: "eu-west-1" }, "eu-west-1"],
  [{ account: "222222222222", region: "eu-west-1" }, "222222222222/eu-west-1"],
])("a destination is called by account and region: %j", (registry, title) => {
  expect(destinationOf(registry, signal).title).toBe(title);
});
