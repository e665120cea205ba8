import { expect, test } from "vitest";
import { changeLine, settingChanges, versionChanges } from "../../../../build/deploy/changes.ts";
import { toInput, versionSettings } from "../../../../build/deploy/fields.ts";

const deploy = { alias: "live", timeout: 60 };
const IMAGE = `registry/embed@sha256:${"a".repeat(64)}`;

test("what mkimage.json does not name is left as it is", () => {
  const live = {
    MemorySize: 1769,
    Timeout: 60,
    Role: "arn:aws:iam::1:role/x",
    Environment: { Variables: { OWN: "1" } },
    VpcConfig: { SubnetIds: ["subnet-1"] },
  };
  expect(settingChanges(live, versionSettings(1769, deploy))).toEqual([]);
});

test("a function that is not there lacks every field that is named", () => {
  const content = { image: IMAGE, architecture: "arm64", settings: versionSettings(512, deploy) } as const;
  expect(versionChanges(undefined, content)).toEqual([
    { field: "image", from: undefined, to: IMAGE },
    { field: "architecture", from: undefined, to: "arm64" },
    { field: "memory", from: undefined, to: "512" },
    { field: "timeout", from: undefined, to: "60" },
  ]);
});

test("images are compared by digest: the name of the registry does not matter", () => {
  const live = {
    image: IMAGE.replace("registry", "elsewhere"),
    configuration: { Architectures: ["arm64" as const], MemorySize: 512, Timeout: 60 },
    tags: {},
    reserved: undefined,
  };
  const content = { image: IMAGE, architecture: "arm64", settings: versionSettings(512, deploy) } as const;
  expect(versionChanges(live, content)).toEqual([]);
});

test("values of environment variables are not shown, and those that are not named go", () => {
  const live = {
    MemorySize: 1,
    Timeout: 60,
    Environment: { Variables: { OLD: "secret", SAME: "1", NEW: "a" } },
  };
  const settings = versionSettings(1, { ...deploy, environment: { SAME: "1", NEW: "b", MORE: "c" } });
  const lines = settingChanges(live, settings).map(changeLine);
  expect(lines).toEqual([
    "- environment.OLD: (value not shown)",
    "~ environment.NEW: (value not shown) → (value not shown)",
    "+ environment.MORE: (value not shown)",
  ]);
});

test("of the log and the network only what is named is compared, in any order of subnets", () => {
  const live = {
    MemorySize: 1,
    Timeout: 60,
    LoggingConfig: { LogFormat: "Text" as const, LogGroup: "/aws/lambda/embed" },
    VpcConfig: { SubnetIds: ["subnet-b", "subnet-a"], SecurityGroupIds: ["sg-1"] },
  };
  const vpc = { subnets: ["subnet-a", "subnet-b"], securityGroups: ["sg-1"] };
  expect(settingChanges(live, versionSettings(1, { ...deploy, logging: { format: "text" }, vpc }))).toEqual(
    [],
  );
  const other = versionSettings(1, { ...deploy, logging: { format: "json", level: "INFO" }, vpc });
  expect(settingChanges(live, other).map(changeLine)).toEqual([
    "~ logging.format: text → json",
    "+ logging.level: INFO",
  ]);
  expect(toInput(other, live)).toMatchObject({
    LoggingConfig: { LogFormat: "JSON", ApplicationLogLevel: "INFO", LogGroup: "/aws/lambda/embed" },
  });
});

/** Every field, as mkimage.json has it. */
const ALL = versionSettings(2048, {
  alias: "live",
  timeout: 30,
  role: "arn:aws:iam::123456789012:role/embed",
  ephemeralStorage: 1024,
  environment: { LOG_LEVEL: "debug" },
  snapStart: true,
  logging: { format: "json", level: "WARN", systemLevel: "INFO", group: "/embed" },
  tracing: "active",
  deadLetter: "arn:aws:sqs:eu-west-1:123456789012:failed",
  vpc: { subnets: ["subnet-1"], securityGroups: ["sg-1"], ipv6: true },
});

test("what Lambda is told of a field is what it is compared with: nothing is left to change", () => {
  const input = toInput(ALL);
  expect(Object.keys(input).sort()).toEqual([
    "DeadLetterConfig",
    "Environment",
    "EphemeralStorage",
    "LoggingConfig",
    "MemorySize",
    "Role",
    "SnapStart",
    "Timeout",
    "TracingConfig",
    "VpcConfig",
  ]);
  expect(settingChanges(input as never, ALL)).toEqual([]);
});
