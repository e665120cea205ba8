import { expect, test, vi } from "vitest";
import type { Role } from "../../../../build/clients/iam.ts";
import { checkRole } from "../../../../build/deploy/role.ts";
import { refusal } from "../../../support/refusal.ts";

const ARN = "arn:aws:iam::123456789012:role/service/embed";
const trusting = (Principal: unknown) =>
  JSON.stringify({ Statement: [{ Effect: "Allow", Principal, Action: "sts:AssumeRole" }] });
const LAMBDA = trusting({ Service: ["edgelambda.amazonaws.com", "lambda.amazonaws.com"] });

function check(...answers: (Role | "hidden" | undefined)[]) {
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const findRole = vi.fn(async (_name: string) => (answers.length > 1 ? answers.shift() : answers[0]));
  const { signal } = new AbortController();
  return { findRole, done: checkRole("embed", ARN, { iam: { findRole }, signal, roleWait: 1 }) };
}

test.each([LAMBDA, trusting("*"), trusting({ AWS: "*" })])(
  "a role with trust policy %s passes",
  async (trustPolicy) => {
    const { done, findRole } = check({ arn: ARN, trustPolicy });
    await done;
    expect(findRole.mock.calls).toEqual([["embed"]]);
  },
);

test("a role that was made a moment ago is waited for", async () => {
  const { done, findRole } = check(undefined, undefined, { arn: ARN, trustPolicy: LAMBDA });
  await done;
  expect(findRole).toHaveBeenCalledTimes(3);
});

test("a role that cannot be read is left to Lambda", async () => {
  await check("hidden").done;
});

test("a role that is not there is refused, and one of this name in the account is named", async () => {
  expect(await refusal(() => check(undefined).done)).toMatchObject({
    message: `The execution role does not exist: ${ARN}`,
    exitCode: 3,
  });
  const arn = "arn:aws:iam::210987654321:role/embed";
  expect((await refusal(() => check({ arn, trustPolicy: LAMBDA }).done)).hint).toMatch(
    `This account has ${arn}. `,
  );
});

test.each(["ec2.amazonaws.com", "edgelambda.amazonaws.com"])(
  "a role for %s is refused at once",
  async (Service) => {
    const { done, findRole } = check({ arn: ARN, trustPolicy: trusting({ Service }) });
    const fault = await refusal(() => done);
    expect(fault.message).toContain("its trust policy does not name Lambda");
    expect(fault.hint).toContain('"Service":"lambda.amazonaws.com"');
    expect(findRole).toHaveBeenCalledTimes(1);
  },
);
