import { isDeepStrictEqual } from "node:util";
import type { FunctionConfiguration, LambdaFunction } from "../clients/lambda.ts";
import { FIELD_NAMES, FIELDS, type VersionSettings } from "./fields.ts";

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

/** The members of a table that differ. Those that are only there count where `whole` says so. */
function memberChanges(
  field: string,
  { from, to, whole, secret }: { from: object; to: object; whole: boolean; secret: boolean },
): Change[] {
  const [live, wanted] = [from, to] as [Record<string, unknown>, Record<string, unknown>];
  const keys = Object.keys(whole ? { ...live, ...wanted } : wanted).filter(
    (key) => whole || wanted[key] !== undefined,
  );
  return keys
    .filter((key) => !isDeepStrictEqual(live[key], wanted[key]))
    .map((key) => ({
      field: `${field}.${key}`,
      from: secret ? hidden(live[key]) : show(live[key]),
      to: secret ? hidden(wanted[key]) : show(wanted[key]),
    }));
}

/** Values of environment variables are not shown: logs of CI keep what is printed. */
const hidden = (value: unknown) => (value === undefined ? undefined : "(value not shown)");

const isTable = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The settings of a version that are not as mkimage.json has them. Pure. */
export function settingChanges(live: FunctionConfiguration, settings: VersionSettings): Change[] {
  return FIELD_NAMES.flatMap((field): Change[] => {
    const to = settings[field];
    if (to === undefined) return [];
    const from = FIELDS[field].live(live);
    if (isTable(to))
      return memberChanges(field, {
        from: (from ?? {}) as object,
        to,
        whole: field === "environment",
        secret: field === "environment",
      });
    return isDeepStrictEqual(from, to) ? [] : [{ field, from: show(from), to: show(to) }];
  });
}

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
