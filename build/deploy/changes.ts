import { isDeepStrictEqual } from "node:util";
import type { FunctionConfiguration, LambdaFunction } from "../clients/lambda.ts";
import { liveValues, type VersionSettings } from "./fields.ts";

/** One field of a function that is not as it should be, in words. */
export interface Change {
  /** As mkimage.json names it: `logging.level`. */
  readonly field: string;
  /** Undefined where there is nothing yet. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}

const show = (value: unknown): string | undefined =>
  value === undefined ? undefined : typeof value === "string" ? value : JSON.stringify(value);

/** Values of environment variables are not shown: logs of CI keep what is printed. They are whole, others are named in part. */
const SECRET = "environment";
const hidden = (value: unknown) => (value === undefined ? undefined : "(value not shown)");

type Table = Readonly<Record<string, unknown>>;

const isTable = (value: unknown): value is Table =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The members of a table that differ; those that are only there count in the environment alone. */
function memberChanges(field: string, from: Table, to: Table): Change[] {
  const whole = field === SECRET;
  const text = whole ? hidden : show;
  const keys = Object.keys(whole ? { ...from, ...to } : to);
  return keys
    .filter((key) => (whole || to[key] !== undefined) && !isDeepStrictEqual(from[key], to[key]))
    .map((key) => ({ field: `${field}.${key}`, from: text(from[key]), to: text(to[key]) }));
}

/** What of the wanted values is not there; both are in the words of mkimage.json. Pure. */
export function valueChanges(live: Table, wanted: Table): Change[] {
  return Object.entries(wanted).flatMap(([field, to]): Change[] => {
    if (to === undefined) return [];
    const from = live[field];
    if (isTable(to)) return memberChanges(field, isTable(from) ? from : {}, to);
    return isDeepStrictEqual(from, to) ? [] : [{ field, from: show(from), to: show(to) }];
  });
}

/** The settings of a version that are not as mkimage.json has them. Pure. */
export const settingChanges = (live: FunctionConfiguration, settings: VersionSettings): Change[] =>
  valueChanges(liveValues(live), { ...settings });

/** What makes a version: its image, the image's architecture, and its settings. */
export interface VersionContent {
  /** Reference by digest. */
  readonly image: string;
  readonly architecture: "arm64" | "x86_64";
  readonly settings: VersionSettings;
}

const digestOf = (reference: string | undefined) => reference?.split("@")[1];

/** The fields of a function or version that differ from what it should have; all of them for one that is not there. Pure. */
export function versionChanges(live: LambdaFunction | undefined, wanted: VersionContent): Change[] {
  return [...codeChanges(live, wanted), ...settingChanges(live?.configuration ?? {}, wanted.settings)];
}

/** The part of them that UpdateFunctionCode changes. */
export function codeChanges(live: LambdaFunction | undefined, wanted: VersionContent): Change[] {
  const { image, architecture } = wanted;
  const now = live?.configuration.Architectures?.[0];
  return [
    ...(digestOf(live?.image) === digestOf(image) ? [] : [{ field: "image", from: live?.image, to: image }]),
    ...(now === architecture ? [] : [{ field: "architecture", from: now, to: architecture }]),
  ];
}

/** A change as people read it: `memory: 512 → 1769`. */
export const changeLine = ({ field, from, to }: Change): string =>
  from === undefined
    ? `+ ${field}: ${to}`
    : to === undefined
      ? `- ${field}: ${from}`
      : `~ ${field}: ${from} → ${to}`;
