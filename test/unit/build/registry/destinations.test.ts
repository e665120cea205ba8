import { beforeEach, expect, test, vi } from "vitest";
import { ecrSchema } from "../../../../build/config/ecr.ts";
import { UserError } from "../../../../build/errors.ts";
import { checkEcrFlags, destinationOf, Several } from "../../../../build/registry/destinations.ts";
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
  [{ host: "ghcr.io", path: "team" }, "ghcr.io/team"],
  [{ host: "localhost:5000", path: "" }, "localhost:5000"],
])("a destination is called by account and region, or host and path: %j", (place, title) => {
  expect(destinationOf(place, { signal, config: undefined }).title).toBe(title);
});

const AT_ECR = destinationOf({ region: "eu-west-1" }, { signal, config: undefined });
const AT_GHCR = destinationOf({ host: "ghcr.io", path: "team" }, { signal, config: undefined });

test("in a registry that is not of ECR, tags move as mkimage.json says, and repositories are made by a push", async () => {
  const isImmutable = async (ecr: object, tag: string) => {
    const to = destinationOf({ host: "ghcr.io", path: "team" }, { signal, config: ecrSchema.parse(ecr) });
    const repository = await to.registry.findRepository("shop/embed");
    expect(repository).toMatchObject({ name: "team/shop/embed", uri: "ghcr.io/team/shop/embed" });
    return repository?.isImmutable(tag);
  };
  expect(await isImmutable({}, "1.0-alpine-arm64")).toBe(true);
  expect(await isImmutable({}, "0-alpine-arm64"), "of a project outside of git").toBe(false);
  expect(await isImmutable({ tagMutability: "mutable" }, "1.0-alpine-arm64")).toBe(false);
});

test.each([
  [{ failOn: "high" }, "--fail-on is for the findings of ECR's scan"],
  [{ updateRepository: true }, "--update-repository is for the settings of ECR's repositories"],
])(
  "%j is refused where no registry is of ECR, and said to be left out for the others",
  async (flags, says) => {
    const error = await refusal(async () => checkEcrFlags([AT_GHCR], flags));
    expect(error).toMatchObject({ exitCode: 2, message: `${says}, and ghcr.io/team is not of ECR` });
    const write = vi.mocked(process.stderr.write);
    checkEcrFlags([AT_ECR], flags);
    checkEcrFlags([AT_GHCR], {});
    expect(write).not.toHaveBeenCalled();
    checkEcrFlags([AT_ECR, AT_GHCR], flags);
    expect(write.mock.calls.join("")).toContain(`${says}: not used for ghcr.io/team`);
  },
);
