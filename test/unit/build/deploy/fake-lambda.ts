import type { Alias, Lambda, LambdaFunction } from "../../../../build/clients/lambda.ts";
import { versionSettings } from "../../../../build/deploy/fields.ts";
import type { Target } from "../../../../build/deploy/target.ts";

const IMAGE = `registry/embed@sha256:${"a".repeat(64)}`;

/** What a function should be. */
export const targetOf = (
  name = "embed",
  { memory = 512, snapStart }: { memory?: number; snapStart?: boolean | "auto" } = {},
): Target => ({
  name,
  alias: "live",
  image: { version: "1.0", name: "alpine-arm64" } as never,
  surroundings: {} as never,
  gates: {},
  snapStartOptional: snapStart === "auto",
  content: {
    image: IMAGE,
    architecture: "arm64",
    settings: versionSettings(memory, {
      alias: "live",
      timeout: 60,
      role: "arn:aws:iam::123456789012:role/embed",
      snapStart,
    }),
  },
});

type Input = Readonly<Record<string, unknown>>;

interface Held {
  latest: LambdaFunction;
  readonly versions: Map<string, LambdaFunction>;
  alias?: Alias;
}

/** Functions in memory; `refuse` sees every write before it is done. */
export function fakeLambda(refuse: (action: string, input: Input) => void = () => {}) {
  const functions = new Map<string, Held>();
  const writes: string[] = [];
  const held = (name: string) => functions.get(name) as Held;

  function write(action: string, input: Input): LambdaFunction["configuration"] {
    writes.push(action);
    refuse(action, input);
    const { ImageUri, Code, FunctionName, ...configuration } = input;
    const before = functions.get(FunctionName as string);
    const latest = {
      image: ((Code as { ImageUri?: string })?.ImageUri ?? ImageUri ?? before?.latest.image) as string,
      configuration: {
        ...before?.latest.configuration,
        ...configuration,
        State: "Active" as const,
        LastUpdateStatus: "Successful" as const,
      },
      tags: {},
      reserved: undefined,
    };
    functions.set(FunctionName as string, { ...before, latest, versions: before?.versions ?? new Map() });
    return latest.configuration;
  }

  function setAlias(input: Input): Alias {
    writes.push("alias");
    refuse("alias", input);
    const alias = { ...input, AliasArn: `arn:${input["FunctionName"]}:${input["Name"]}` } as Alias;
    held(input["FunctionName"] as string).alias = alias;
    return alias;
  }

  const find = (name: string, version?: string) =>
    version ? functions.get(name)?.versions.get(version) : functions.get(name)?.latest;
  const lambda = {
    findFunction: async (name: string, version?: string) => find(name, version),
    configuration: async (name: string, version?: string) => find(name, version)?.configuration,
    listVersions: async (name: string) => [...held(name).versions.values()].map((each) => each.configuration),
    createFunction: async (input: Input) => write("create", input),
    updateConfiguration: async (input: Input) => write("configuration", input),
    updateCode: async (input: Input) => write("code", input),
    async publishVersion({ FunctionName, Description }: { FunctionName: string; Description: string }) {
      writes.push("publish");
      const { latest, versions } = held(FunctionName);
      const Version = String(versions.size + 1);
      versions.set(Version, { ...latest, configuration: { ...latest.configuration, Version, Description } });
      return { Version };
    },
    findAlias: async (name: string) => held(name).alias,
    createAlias: async (input: Input) => setAlias(input),
    updateAlias: async (input: Input) => setAlias(input),
  } as unknown as Lambda;
  const iam = { findRole: async () => "hidden" as const };
  const options = { lambda, iam, ecr: {} as never, signal: new AbortController().signal };
  return { writes, functions, options };
}
