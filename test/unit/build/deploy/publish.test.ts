import { beforeEach, expect, test, vi } from "vitest";
import type { Lambda, LambdaFunction } from "../../../../build/clients/lambda.ts";
import { versionSettings } from "../../../../build/deploy/fields.ts";
import { type Live, matchingVersion } from "../../../../build/deploy/live.ts";
import { publish } from "../../../../build/deploy/publish.ts";
import type { Target } from "../../../../build/deploy/target.ts";
import { UserError } from "../../../../build/errors.ts";

const IMAGE = `registry/embed@sha256:${"a".repeat(64)}`;
const NOTHING: Live = { latest: undefined, alias: undefined, versions: new Map() };

beforeEach(() => {
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
});

const target = (snapStart?: boolean | "auto"): Target => ({
  name: "embed",
  alias: "live",
  image: { version: "1.0", name: "alpine-arm64" } as never,
  surroundings: {} as never,
  gates: {},
  snapStartOptional: snapStart === "auto",
  content: {
    image: IMAGE,
    architecture: "arm64",
    settings: versionSettings(512, { alias: "live", timeout: 60, snapStart }),
  },
});

const named = (name: string) => new UserError("refused", { cause: Object.assign(new Error(), { name }) });

/** One function in memory; `refuse` sees every write before it is done. */
function fakeLambda(refuse: (action: string, input: Record<string, unknown>) => void = () => {}) {
  let latest: LambdaFunction | undefined;
  const versions = new Map<string, LambdaFunction>();
  const writes: string[] = [];
  const write = (action: string, input: Record<string, unknown>) => {
    writes.push(action);
    refuse(action, input);
    const { ImageUri, Code, ...configuration } = input;
    const image = ((Code as { ImageUri?: string })?.ImageUri ?? ImageUri ?? latest?.image) as string;
    latest = {
      image,
      configuration: { ...latest?.configuration, ...configuration, State: "Active" },
      tags: {},
      reserved: undefined,
    };
    return latest.configuration;
  };
  const lambda = {
    findFunction: async (_: string, version?: string) => (version ? versions.get(version) : latest),
    configuration: async (_: string, version?: string) =>
      (version ? versions.get(version) : latest)?.configuration,
    createFunction: async (input: Record<string, unknown>) => write("create", input),
    updateConfiguration: async (input: Record<string, unknown>) => write("configuration", input),
    updateCode: async (input: Record<string, unknown>) => write("code", input),
    async publishVersion({ Description }: { Description: string }) {
      writes.push("publish");
      const Version = String(versions.size + 1);
      const now = latest as LambdaFunction;
      versions.set(Version, { ...now, configuration: { ...now.configuration, Version, Description } });
      return { Version };
    },
  } as unknown as Lambda;
  return { lambda, writes, versions, options: { lambda, signal: new AbortController().signal } };
}

test("a new function is created and published, and the same again is found", async () => {
  const { writes, versions, options } = fakeLambda();
  expect(await publish(target(), NOTHING, options)).toBe("1");
  expect(writes).toEqual(["create", "publish"]);
  expect(await publish(target(), { ...NOTHING, versions }, options)).toBe("1");
  expect(writes).toHaveLength(2);
});

test("SnapStart that is refused: `auto` goes on without it and does not try again, `true` fails", async () => {
  const refuse = (_: string, { SnapStart }: Record<string, unknown>) => {
    if ((SnapStart as { ApplyOn?: string } | undefined)?.ApplyOn === "PublishedVersions")
      throw new UserError("SnapStart is not supported in this region");
  };
  const { versions, options } = fakeLambda(refuse);
  expect(await publish(target("auto"), NOTHING, options)).toBe("1");
  expect(versions.get("1")?.configuration.SnapStart?.ApplyOn).toBe("None");
  const live = { ...NOTHING, versions };
  expect(matchingVersion(live, target("auto"))).toBe("1");
  expect(matchingVersion(live, target(true))).toBeUndefined();
  await expect(publish(target(true), NOTHING, fakeLambda(refuse).options)).rejects.toThrow("not supported");
});

test("a write that is overtaken is decided again from what is there", async () => {
  let first = true;
  const { writes, options } = fakeLambda((action) => {
    if (action !== "configuration" || !first) return;
    first = false;
    throw named("PreconditionFailedException");
  });
  await publish(target(), NOTHING, options);
  const other = {
    ...target(),
    content: { ...target().content, settings: versionSettings(1024, { alias: "live", timeout: 60 }) },
  };
  expect(await publish(other, NOTHING, options)).toBe("2");
  expect(writes.filter((each) => each === "configuration")).toHaveLength(2);
});

test("an endless fight ends with an error", async () => {
  const { options } = fakeLambda((action) => {
    if (action === "configuration") throw named("PreconditionFailedException");
  });
  await publish(target(), NOTHING, options);
  const other = {
    ...target(),
    content: { ...target().content, settings: versionSettings(1024, { alias: "live", timeout: 60 }) },
  };
  await expect(publish(other, NOTHING, options)).rejects.toThrow();
});
