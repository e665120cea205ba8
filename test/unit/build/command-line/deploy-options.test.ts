import { expect, test } from "vitest";
import { aliasOption, canaryWeight, roleOption } from "../../../../build/command-line/deploy-options.ts";

test.each([
  ["10%", 0.1],
  ["0.5%", 0.005],
  ["99%", 0.99],
  [undefined, undefined],
])("--canary %s is %s", (text, weight) => expect(canaryWeight(text)).toBe(weight));

test.each(["10", "0%", "100%", "-1%", "10 %", "1e1%", "%"])("--canary %s is refused", (text) =>
  expect(() => canaryWeight(text)).toThrow(`--canary: "${text}" is not valid`),
);

test("an alias and a role have the form that Lambda takes", () => {
  expect(aliasOption.coerce("live")).toBe("live");
  expect(() => aliasOption.coerce("7")).toThrow("--alias");
  expect(roleOption.coerce("arn:aws-cn:iam::123456789012:role/team/embed")).toContain("embed");
  expect(() => roleOption.coerce("embed")).toThrow("expected the ARN of a role");
});
