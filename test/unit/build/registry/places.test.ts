import { expect, test } from "vitest";
import {
  otherRegistries,
  registriesOf,
  registryOfNames,
  requireEcrImage,
} from "../../../../build/registry/places.ts";
import { refusal } from "../../../support/refusal.ts";

test.each([
  ["team/x", undefined],
  ["222222222222.dkr.ecr.eu-west-1.amazonaws.com/team/x", { account: "222222222222", region: "eu-west-1" }],
  ["222222222222.dkr.ecr.cn-north-1.amazonaws.com.cn/x", { account: "222222222222", region: "cn-north-1" }],
  ["222222222222.dkr-ecr.us-east-1.on.aws/x", { account: "222222222222", region: "us-east-1" }],
])("the registry of %s", (name, registry) => expect(registryOfNames([name])).toEqual(registry));

test.each([
  "ghcr.io/team/x",
  "public.ecr.aws/x/y",
  "222222222222.dkr.ecr.eu-west-1.amazonaws.com.evil.example/x",
])("%s is not in a registry of ECR: exit 2", async (name) => {
  const error = await refusal(async () => registryOfNames([name]));
  expect(error.exitCode).toBe(2);
  expect(error.message).toContain(`(repository "${name}")`);
});

test("registries are asked for by region and by host, each once; without that it is the one of the names", () => {
  const host = "222222222222.dkr.ecr.us-west-2.amazonaws.com";
  expect(registriesOf(["team/x"], ["eu-west-1", host, "us-gov-west-1", "eu-west-1"])).toEqual([
    { region: "eu-west-1" },
    { account: "222222222222", region: "us-west-2" },
    { region: "us-gov-west-1" },
  ]);
  expect(registriesOf(["team/x"], undefined)).toEqual([undefined]);
  expect(registriesOf([`${host}/team/x`], [])).toEqual([{ account: "222222222222", region: "us-west-2" }]);
});

test("any other registry is asked for by its host and what is before the repository's name", () => {
  const asked = [
    "ghcr.io/my-team",
    "registry.example.com:5000/a/b",
    "localhost:5000",
    "localhost",
    "[::1]:5000",
    "ghcr.io/",
    "ghcr.io",
  ];
  expect(registriesOf(["shop/embed"], asked)).toEqual([
    { host: "ghcr.io", path: "my-team" },
    { host: "registry.example.com:5000", path: "a/b" },
    { host: "localhost:5000", path: "" },
    { host: "localhost", path: "" },
    { host: "[::1]:5000", path: "" },
    { host: "ghcr.io", path: "" },
  ]);
  expect(registriesOf(["embed"], ["docker.io/user"])).toEqual([{ host: "docker.io", path: "user" }]);
  expect(registriesOf(["ghcr.io/team/embed"], undefined)).toEqual([{ host: "ghcr.io", path: "" }]);
});

const ECR = "222222222222.dkr.ecr.us-west-2.amazonaws.com";

test.each([
  { asked: "eu-wst", says: '"eu-wst" is neither a region of AWS nor a registry' },
  { asked: "team", says: '"team" is neither' },
  { asked: "https://ghcr.io/team/", says: "is a URL", hint: "without its scheme: ghcr.io/team" },
  { asked: "OCI://ghcr.io/team", says: "is a URL", hint: "without its scheme: ghcr.io/team" },
  { asked: "ghcr.io/My-Team", says: '"My-Team" cannot stand before', hint: "lower-case" },
  { asked: "ghcr.io//team", says: '"/team" cannot stand before' },
  { asked: "localhost:99999/team", says: "neither" },
  { asked: "[:::::]:5000", says: "neither" },
  { asked: "999.999.999.999", says: "neither" },
  { asked: "ghcr.io:port/team", says: "neither" },
  {
    asked: "user@ghcr.io/team",
    says: '"…@ghcr.io/team" has a user or a password',
    hint: "docker login ghcr.io",
  },
  {
    asked: `${ECR}/team`,
    says: "more than a registry of ECR",
    hint: `--registry ${ECR} --repository 'team/<function>'`,
  },
  { asked: "docker.io", says: "USER/NAME", names: ["embed"] },
  {
    asked: "docker.io/user",
    says: 'Docker Hub has no repository "user/team/x"',
    hint: "--repository '<function>'",
  },
  { asked: `ghcr.io/${"a".repeat(250)}`, says: "longer than 255" },
  { asked: "eu-west-1", says: "names a registry, and so does --registry", names: [`${ECR}/team/x`] },
  { asked: "ghcr.io", says: "names a registry, and so does --registry", names: ["ghcr.io/team/x"] },
])("--registry $asked for $names: exit 2", async ({ asked, names = ["team/x"], says, hint = "" }) => {
  const error = await refusal(async () => registriesOf(names, [asked]));
  expect(error.exitCode).toBe(2);
  expect(error.message).toContain(says);
  expect(error.hint).toContain(hint);
});

test.each(["user:secret@ghcr.io/team", "https://user:secret@ghcr.io/team"])(
  "%s: exit 2, without the password",
  async (asked) => {
    const error = await refusal(async () => registriesOf(["team/x"], [asked]));
    expect(error.exitCode).toBe(2);
    expect(`${error.message}${error.hint}`).not.toContain("secret");
  },
);

test("of several registries, those that Lambda takes no images from", () => {
  expect(otherRegistries(["eu-west-1", "ghcr.io/team", ECR])).toEqual(["ghcr.io/team"]);
  expect(otherRegistries(undefined)).toEqual([]);
});

test("an image of another registry than ECR is none for Lambda: exit 2; an emulator has a registry of its own", async () => {
  const digest = `sha256:${"a".repeat(64)}`;
  requireEcrImage(`${ECR}/team/x@${digest}`, {});
  requireEcrImage(`127.0.0.1:4566/team/x@${digest}`, { AWS_ENDPOINT_URL: "http://127.0.0.1:4566" });
  for (const name of ["ghcr.io/team/x", "team/x"]) {
    const error = await refusal(async () => requireEcrImage(`${name}@${digest}`, {}));
    expect(error.exitCode).toBe(2);
    expect(error.message).toContain(`${name}@${digest} is not in a registry of Amazon ECR`);
  }
});
