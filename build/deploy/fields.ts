import type { ConfigurationInput, FunctionConfiguration } from "../clients/lambda.ts";
import type { Deployment } from "../config/deployment.ts";

/** A setting that a version has for ever: how Lambda tells it and how it is told. Values are those of mkimage.json. */
interface Field<T> {
  live(configuration: FunctionConfiguration): T | undefined;
  input(wanted: T, live: FunctionConfiguration): Partial<ConfigurationInput>;
}

/** The settings that are compared: those named in mkimage.json, and those with a default. */
export interface VersionSettings
  extends Pick<
    Deployment,
    "timeout" | "role" | "ephemeralStorage" | "environment" | "logging" | "tracing" | "deadLetter" | "vpc"
  > {
  readonly memory: number;
  readonly snapStart?: boolean | undefined;
}

type Fields = { readonly [K in keyof VersionSettings]-?: Field<NonNullable<VersionSettings[K]>> };

const TRACING = { active: "Active", passThrough: "PassThrough" } as const;
const FORMATS = { text: "Text", json: "JSON" } as const;

/** Every setting of a version, one row each. */
const FIELDS: Fields = {
  memory: {
    live: ({ MemorySize }) => MemorySize,
    input: (MemorySize) => ({ MemorySize }),
  },
  timeout: {
    live: ({ Timeout }) => Timeout,
    input: (Timeout) => ({ Timeout }),
  },
  role: {
    live: ({ Role }) => Role,
    input: (Role) => ({ Role }),
  },
  ephemeralStorage: {
    live: ({ EphemeralStorage }) => EphemeralStorage?.Size,
    input: (Size) => ({ EphemeralStorage: { Size } }),
  },
  environment: {
    live: ({ Environment }) => Environment?.Variables ?? {},
    input: (Variables) => ({ Environment: { Variables } }),
  },
  snapStart: {
    live: ({ SnapStart }) => SnapStart?.ApplyOn === "PublishedVersions",
    input: (on) => ({ SnapStart: { ApplyOn: on ? "PublishedVersions" : "None" } }),
  },
  logging: {
    live: ({ LoggingConfig: { LogFormat, ApplicationLogLevel, SystemLogLevel, LogGroup } = {} }) => ({
      format: LogFormat === "JSON" ? "json" : "text",
      level: ApplicationLogLevel,
      systemLevel: SystemLogLevel,
      group: LogGroup,
    }),
    input: ({ format, level, systemLevel, group }, { LoggingConfig }) => ({
      LoggingConfig: {
        LogFormat: format ? FORMATS[format] : LoggingConfig?.LogFormat,
        ApplicationLogLevel: level,
        SystemLogLevel: systemLevel,
        LogGroup: group ?? LoggingConfig?.LogGroup,
      },
    }),
  },
  tracing: {
    live: ({ TracingConfig }) => (TracingConfig?.Mode === "Active" ? "active" : "passThrough"),
    input: (mode) => ({ TracingConfig: { Mode: TRACING[mode] } }),
  },
  deadLetter: {
    live: ({ DeadLetterConfig }) => DeadLetterConfig?.TargetArn,
    input: (TargetArn) => ({ DeadLetterConfig: { TargetArn } }),
  },
  vpc: {
    live: ({ VpcConfig: { SubnetIds = [], SecurityGroupIds = [], Ipv6AllowedForDualStack } = {} }) => ({
      subnets: [...SubnetIds].sort(),
      securityGroups: [...SecurityGroupIds].sort(),
      ipv6: Ipv6AllowedForDualStack ?? false,
    }),
    input: ({ subnets, securityGroups, ipv6 }) => ({
      VpcConfig: { SubnetIds: subnets, SecurityGroupIds: securityGroups, Ipv6AllowedForDualStack: ipv6 },
    }),
  },
};

const FIELD_NAMES = Object.keys(FIELDS) as (keyof Fields)[];

/** The settings of mkimage.json in the order in which they are compared. */
export function versionSettings(memory: number, deploy: Deployment): VersionSettings {
  const { timeout, role, ephemeralStorage, environment, snapStart, logging, tracing, deadLetter, vpc } =
    deploy;
  return {
    memory,
    timeout,
    role,
    ephemeralStorage,
    environment,
    // "auto" is tried; where Lambda refuses it, it is gone on without.
    snapStart: snapStart === undefined ? undefined : snapStart !== false,
    logging,
    tracing,
    deadLetter,
    vpc: vpc && {
      ...vpc,
      subnets: [...vpc.subnets].sort(),
      securityGroups: [...vpc.securityGroups].sort(),
    },
  };
}

/** The settings of a function or version in the words of mkimage.json. */
export const liveValues = (live: FunctionConfiguration): Record<string, unknown> =>
  Object.fromEntries(FIELD_NAMES.map((name) => [name, FIELDS[name].live(live)]));

/** What Lambda is told of these settings. */
export function toInput(
  settings: VersionSettings,
  live: FunctionConfiguration = {},
): Partial<ConfigurationInput> {
  const parts = FIELD_NAMES.map((name) => {
    const wanted = settings[name];
    return wanted === undefined ? {} : (FIELDS[name] as Field<unknown>).input(wanted, live);
  });
  return Object.assign({}, ...parts);
}
