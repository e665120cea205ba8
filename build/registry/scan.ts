import { setTimeout as delay } from "node:timers/promises";
import type { EcrScans, Finding, Scan } from "../clients/ecr-scans.ts";
import { SEVERITIES, type Severity } from "../config/ecr.ts";
import { UserError } from "../errors.ts";
import { say, table } from "../output.ts";
import { nameInRegistry } from "./places.ts";
import type { Pushed } from "./push.ts";

/** Milliseconds between two looks, and the most that a scan may take. */
const LOOK = 3000;
const LONGEST = 15 * 60_000;
/** Findings that an error lists. */
const LISTED = 20;

export interface ScanOptions {
  readonly scans: Pick<EcrScans, "findScan" | "startScan">;
  readonly signal: AbortSignal;
  readonly look?: number;
}

/** Findings of a severity or a worse one, the worst first. Pure. */
export function failing(findings: readonly Finding[], least: Severity): Finding[] {
  const rank = ({ severity }: Finding) => SEVERITIES.indexOf(severity as Severity);
  return findings
    .filter((finding) => rank(finding) >= 0 && rank(finding) <= SEVERITIES.indexOf(least))
    .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

/** @throws UserError (exit 1) for an image that cannot be scanned, (exit 3) when it takes too long */
async function finished(image: Pushed, { scans, signal, look = LOOK }: ScanOptions): Promise<Scan> {
  const name = nameInRegistry(image.repository);
  const end = performance.now() + LONGEST;
  let isAsked = false;
  while (performance.now() < end) {
    const scan = await scans.findScan(name, image.digest);
    if (scan && /^(?:COMPLETE|ACTIVE)$/.test(scan.status)) return scan;
    if (!scan && !isAsked) {
      say(`${image.remote}: asking for a scan`);
      await scans.startScan(name, image.digest);
      isAsked = true;
    }
    if (scan && !/^(?:IN_PROGRESS|PENDING)?$/.test(scan.status)) {
      throw new UserError(`ECR could not scan ${image.remote}: ${scan.reason ?? scan.status}`, {
        reason: "check",
        hint: "Leave --fail-on out, or use the enhanced scans of the registry: https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html",
      });
    }
    await delay(look, undefined, { signal });
  }
  throw new UserError(`ECR's scan of ${image.remote} is still not done after ${LONGEST / 60_000} minutes`, {
    reason: "environment",
    hint: "Run the command again: what is pushed is not sent again.",
  });
}

/**
 * Waits for ECR's scans of images.
 * @throws UserError (exit 1) that lists the findings of a severity or a worse one
 */
export async function requireScans(
  pushed: readonly Pushed[],
  least: Severity,
  options: ScanOptions,
): Promise<void> {
  const rows: string[][] = [];
  for (const image of pushed) {
    const { findings } = await finished(image, options);
    const found = failing(findings, least);
    rows.push(...found.map((each) => [image.name, each.severity, each.name, each.package]));
    say(
      `${image.remote}: ${findings.length} findings of the scan, ${found.length} of them ${least} or worse`,
    );
  }
  if (rows.length === 0) return;
  const more = rows.length > LISTED ? [`and ${rows.length - LISTED} more`] : [];
  const lines = table([["image", "severity", "finding", "package"], ...rows.slice(0, LISTED)]);
  throw new UserError(
    [`ECR's scans have findings of severity ${least} or worse`, lines, ...more].join("\n"),
    {
      reason: "check",
      hint: "The images are in the registry; no reference is printed and nothing is deployed. Newer base images may mend it: mkimage lock --bases",
    },
  );
}
