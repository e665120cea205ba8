import { UserError } from "../errors.ts";

/** Seconds of a month, as AWS counts it: 730 hours. */
export const MONTH = 730 * 3600;

const SECONDS = { s: 1, min: 60, h: 3600, day: 86400, month: MONTH } as const;
const MILLISECONDS = { ms: 1, s: 1000 } as const;

function refused(option: string, text: string, hint: string): UserError {
  return new UserError(`--${option}: "${text}" is not valid`, { hint });
}

/** `200000/day` as requests per second. @throws UserError (exit 2) for anything else */
export function parseRate(text: string): number {
  const [, count, unit] = /^(\d{1,15}(?:\.\d{1,9})?)\/(s|min|h|day|month)$/.exec(text) ?? [];
  const rate = Number(count) / SECONDS[unit as keyof typeof SECONDS];
  if (rate > 0) return rate;
  throw refused(
    "rate",
    text,
    "Write a number above 0 and a unit: 50/s, 3000/min, 20000/h, 200000/day, 6000000/month",
  );
}

/** `50ms` or `1.5s` in milliseconds. @throws UserError (exit 2) for anything else */
export function parseTime(option: string, text: string): number {
  const [, count, unit = "ms"] = /^(\d{1,9}(?:\.\d{1,9})?)(ms|s)?$/.exec(text) ?? [];
  const time = Number(count) * MILLISECONDS[unit as keyof typeof MILLISECONDS];
  if (time > 0) return time;
  throw refused(option, text, "Write a number above 0 and a unit: 50ms, 1.5s");
}

/** `0.98` or `1%` as a share from 0 to 1. @throws UserError (exit 2) for anything else */
export function parseShare(option: string, text: string): number {
  const [, count, percent] = /^(\d{1,3}(?:\.\d{1,9})?)(%)?$/.exec(text) ?? [];
  const share = Number(count) / (percent ? 100 : 1);
  if (share >= 0 && share <= 1) return share;
  throw refused(option, text, "Write a share from 0 to 1, or per cent: 0.5, 50%");
}

/** Half of an interval's width in parts of the median, which no measurement brings to 0. @throws UserError (exit 2) */
export function parsePrecision(text: string): number {
  const precision = parseShare("precision", text);
  if (precision > 0) return precision;
  throw refused("precision", text, "Write a share above 0, or per cent: 0.05, 5%");
}
