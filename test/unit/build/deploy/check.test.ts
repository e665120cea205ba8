import { expect, test } from "vitest";
import { checkDeployable, checkFunctions } from "../../../../build/deploy/check.ts";
import { versionSettings } from "../../../../build/deploy/fields.ts";
import type { Live } from "../../../../build/deploy/live.ts";
import type { Target } from "../../../../build/deploy/target.ts";

const ROLE = "arn:aws:iam::123456789012:role/embed";
const IMAGE = `registry/embed@sha256:${"a".repeat(64)}`;
const deploy = { alias: "live", timeout: 60, role: ROLE };

const target = (changes: Partial<typeof deploy> & { deadLetter?: string } = {}): Target => ({
  name: "embed",
  alias: "live",
  image: {} as never,
  surroundings: {} as never,
  gates: {},
  snapStartOptional: false,
  content: { image: IMAGE, architecture: "arm64", settings: versionSettings(512, { ...deploy, ...changes }) },
});

const version = (configuration: object = {}) => ({
  image: IMAGE,
  configuration: {
    Architectures: ["arm64" as const],
    MemorySize: 512,
    Timeout: 60,
    Role: ROLE,
    PackageType: "Image" as const,
    State: "Active" as const,
    ...configuration,
  },
  tags: {},
  reserved: undefined,
});

const live = (changes: Partial<Live> = {}): Live => ({
  latest: version(),
  alias: { FunctionVersion: "1" },
  versions: new Map([["1", version()]]),
  ...changes,
});

const check = (state: Live, canary = false, wanted = target()) =>
  expect(() => checkDeployable(state, wanted, { canary }));

test("a function that is as usual passes", () => {
  check(live()).not.toThrow();
  check(live(), true).not.toThrow();
});

test("a function that is to be created needs a role", () => {
  const none = { latest: undefined, alias: undefined, versions: new Map() };
  check(none).not.toThrow();
  const wanted = {
    ...target(),
    content: { ...target().content, settings: versionSettings(512, { alias: "live", timeout: 60 }) },
  };
  check(none, false, wanted).toThrow("has no role to create it with");
});

test("a function of a zip file is not made one of an image", () => {
  check(live({ latest: version({ PackageType: "Zip" }) })).toThrow("made of a Zip file");
});

test("a function that Lambda failed to make is said with Lambda's reason", () => {
  check(live({ latest: version({ State: "Failed", StateReason: "no such key" }) })).toThrow(
    "in state Failed: no such key",
  );
});

test("an alias on $LATEST would give callers unchecked code", () => {
  check(live({ alias: { FunctionVersion: "$LATEST" } })).toThrow("has $LATEST");
});

test("an alias in a shift to another version is left alone; one to this version is gone on with", () => {
  const alias = { FunctionVersion: "1", RoutingConfig: { AdditionalVersionWeights: { 2: 0.25 } } };
  const other = version({ MemorySize: 1024 });
  const versions = new Map([
    ["1", other],
    ["2", version()],
  ]);
  check(live({ alias, versions })).not.toThrow();
  check(
    live({
      alias,
      versions: new Map([
        ["1", version()],
        ["2", other],
      ]),
    }),
  ).toThrow("version 2 has 25 %");
});

test("two versions share an alias only with one role and one dead letter queue", () => {
  const other = target({ role: `${ROLE}-2` });
  check(live(), true, other).toThrow("another execution role");
  check(live(), false, other).not.toThrow();
  check(live(), true, target({ deadLetter: "arn:aws:sqs:eu-west-1:123456789012:q" })).toThrow(
    "another dead letter queue",
  );
});

test("before a build: a new function without a role, one of a ZIP file and a missing role are refused", async () => {
  const functions = [{ name: "embed", deploy }] as never;
  const checked = (latest: object | undefined, role: string | undefined, found?: "hidden") =>
    checkFunctions(functions, {
      flags: role === undefined ? {} : { role },
      lambda: { findFunction: async () => latest } as never,
      iam: { findRole: async () => found },
      signal: new AbortController().signal,
      roleWait: 1,
    });
  await checked(version(), ROLE);
  await checked(undefined, ROLE, "hidden");
  await expect(checked(version({ PackageType: "Zip" }), ROLE)).rejects.toThrow("made of a Zip file");
  await expect(checked(version(), "arn:aws:iam::123456789012:role/other")).rejects.toThrow(
    "The execution role does not exist: arn:aws:iam::123456789012:role/other",
  );
});
