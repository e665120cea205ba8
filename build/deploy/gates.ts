import type { Deployment } from "../config/deployment.ts";
import { UserError } from "../errors.ts";

/** What was measured of a version in Lambda. */
export interface Figures {
  /** Init and first answer of a new environment, in milliseconds; undefined when none was cold. */
  readonly coldMs: number | undefined;
  /** The quickest of several answers of a warm environment, in milliseconds. */
  readonly warmMs: number;
  /** Packed bytes of the image; undefined where nobody asked. */
  readonly size: number | undefined;
}

export type Gates = NonNullable<Deployment["gates"]>;

export const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

/** What of a version is beyond the gates, in words. A figure that a gate needs and nobody has measured is beyond it. Pure. */
export function gateFaults(gates: Gates, now: Figures, live: Partial<Figures> | undefined): string[] {
  const { coldMs, warmMs, sizeMB, slowdown, growth } = gates;
  const faults: (string | false | undefined)[] = [
    coldMs !== undefined && now.coldMs === undefined && "cold start: could not be measured",
    coldMs !== undefined &&
      (now.coldMs ?? 0) > coldMs &&
      `cold start: ${ms(now.coldMs ?? 0)}, ${ms(coldMs)} is allowed`,
    warmMs !== undefined && now.warmMs > warmMs && `warm answer: ${ms(now.warmMs)}, ${ms(warmMs)} is allowed`,
    slowdown !== undefined &&
      live?.warmMs !== undefined &&
      now.warmMs > live.warmMs * slowdown &&
      `warm answer: ${ms(now.warmMs)}, ${slowdown} times the ${ms(live.warmMs)} of the live version is allowed`,
    (sizeMB ?? growth) !== undefined &&
      now.size === undefined &&
      "size of the image: the registry does not tell it",
    sizeMB !== undefined &&
      (now.size ?? 0) > sizeMB * 1e6 &&
      `size of the image: ${mb(now.size ?? 0)}, ${sizeMB} MB is allowed`,
    growth !== undefined &&
      live?.size !== undefined &&
      (now.size ?? 0) > live.size * growth &&
      `size of the image: ${mb(now.size ?? 0)}, ${growth} times the ${mb(live.size)} of the live version is allowed`,
  ];
  return faults.filter((fault) => typeof fault === "string");
}

/** @throws UserError (exit 1) that lists what is beyond the gates */
export function requireGates(
  title: string,
  gates: Gates,
  figures: { now: Figures; live: Partial<Figures> | undefined },
): void {
  const faults = gateFaults(gates, figures.now, figures.live);
  if (faults.length === 0) return;
  throw new UserError(`${title} does not pass its gates\n${faults.map((fault) => `  ${fault}`).join("\n")}`, {
    reason: "check",
    hint: "No caller gets it. The gates are `deploy.gates` in mkimage.json.",
  });
}
