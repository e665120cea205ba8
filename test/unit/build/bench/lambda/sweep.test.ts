import { spawn } from "node:child_process";
import { once } from "node:events";
import { beforeEach, expect, test, vi } from "vitest";
import { isOwnerRunning, ownerTag, TAGS } from "../../../../../build/bench/lambda/owner.ts";
import { benchName, sweepFunctions } from "../../../../../build/bench/lambda/sweep.ts";
import { UserError } from "../../../../../build/errors.ts";
import { fakeLambda } from "./fake-lambda.ts";

beforeEach(() => void vi.spyOn(process.stderr, "write").mockReturnValue(true));

const PAST = "2026-01-01T00:00:00.000Z";
const FUTURE = "2999-01-01T00:00:00.000Z";
const ELSEWHERE = "1:0123456789abcdef:0123456789abcdef";

/** The tag of a process of this machine that has ended. */
async function deadOwner(): Promise<string> {
  const child = spawn("sleep", ["60"]);
  const tag = ownerTag(child.pid) as string;
  child.kill("SIGKILL");
  await once(child, "exit");
  return tag;
}

test("a process is known by its tag while it runs, and no tag has a character that AWS refuses", async () => {
  const own = ownerTag() as string;
  expect(own).toMatch(/^[\w:]+$/);
  expect(isOwnerRunning(own)).toBe(true);
  expect(isOwnerRunning(await deadOwner())).toBe(false);
  expect(isOwnerRunning(ELSEWHERE)).toBeUndefined();
  expect(isOwnerRunning("")).toBeUndefined();
});

test("functions of killed runs go, those of living ones, of others and of users stay", async () => {
  const { lambda, functions } = fakeLambda();
  const make = (name: string, tags: Record<string, string>) =>
    lambda.createFunction({ FunctionName: name, Tags: tags } as never);
  const run = { [TAGS.run]: "1a2b3c4d" };
  await make("killed-bench-1a2b3c4d-0", { ...run, [TAGS.owner]: await deadOwner(), [TAGS.until]: FUTURE });
  await make("living-bench-1a2b3c4d-0", { ...run, [TAGS.owner]: ownerTag() as string, [TAGS.until]: PAST });
  await make("elsewhere-bench-1a2b3c4d-0", { ...run, [TAGS.owner]: ELSEWHERE, [TAGS.until]: FUTURE });
  await make("over-bench-1a2b3c4d-0", { ...run, [TAGS.owner]: ELSEWHERE, [TAGS.until]: PAST });
  await make("untagged-bench-1a2b3c4d-0", {});
  await make("tagged", { ...run, [TAGS.owner]: ELSEWHERE, [TAGS.until]: PAST });
  await sweepFunctions(lambda);
  expect([...functions.keys()]).toEqual([
    "living-bench-1a2b3c4d-0",
    "elsewhere-bench-1a2b3c4d-0",
    "untagged-bench-1a2b3c4d-0",
    "tagged",
  ]);
});

test("without the permission to list functions it goes on; another failure ends the run", async () => {
  const failing = (message: string) =>
    ({
      listFunctions: () => {
        throw new UserError(message, { reason: "environment" });
      },
    }) as never;
  await sweepFunctions(failing("AWS denies lambda:ListFunctions to these credentials"));
  await expect(sweepFunctions(failing("No AWS credentials"))).rejects.toThrow("No AWS credentials");
});

test("names of functions have at most 64 characters, and end with run and place", () => {
  expect(benchName("embed", "1a2b3c4d", 0)).toBe("embed-bench-1a2b3c4d-0");
  const long = benchName("x".repeat(64), "1a2b3c4d", 12);
  expect(long).toHaveLength(64);
  expect(long).toMatch(/^x+-bench-1a2b3c4d-12$/);
});
