import { setTimeout as delay } from "node:timers/promises";
import { isNamed } from "../clients/aws-errors.ts";
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

/** What ECR says of an image that it does not scan, and what there is to do; the first match rules. */
const IMPOSSIBLE: readonly { readonly pattern: RegExp; readonly remedy: string }[] = [
  {
    pattern: /UNSUPPORTED_IMAGE|UnsupportedImageType/,
    remedy:
      "ECR's basic scans know the packages of some operating systems only: https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-basic.html",
  },
  {
    pattern: /SCAN_ELIGIBILITY_EXPIRED|LIMIT_EXCEEDED|LimitExceeded/,
    remedy:
      "ECR scans an image once a day, and enhanced scans end after the time that the registry sets for them.",
  },
  {
    pattern: /ValidationException|disabled|not enabled/i,
    remedy:
      "Scans of this repository are off, or are enhanced ones whose filter does not name it: aws ecr get-registry-scanning-configuration",
  },
];

const OTHERWISE =
  "Without --fail-on (`ecr.failOn` in mkimage.json) nothing is scanned. `--sbom` sends a list of the packages, which other scanners read: trivy image --sbom-sources oci REFERENCE";

/** An image that ECR does not scan: nothing was found wrong with it, and nothing right. */
function notScanned({ remote }: Pushed, why: string): UserError {
  const known = IMPOSSIBLE.find(({ pattern }) => pattern.test(why));
  return new UserError(`ECR does not scan ${remote}: ${why}`, {
    reason: "environment",
    hint: [...(known ? [known.remedy] : []), OTHERWISE].join("\n"),
  });
}

/** Errors of StartImageScan that are about the image or the registry's settings, not about credentials or the network. */
const REFUSALS = ["UnsupportedImageTypeException", "LimitExceededException", "ValidationException"];

async function startScan(image: Pushed, { scans }: ScanOptions): Promise<void> {
  say(`${image.remote}: asking for a scan`);
  try {
    await scans.startScan(nameInRegistry(image.repository), image.digest);
  } catch (error) {
    if (!(error instanceof UserError) || !REFUSALS.some((name) => isNamed(error, name))) throw error;
    throw notScanned(image, error.message);
  }
}

/** @throws UserError (exit 3) for an image that is not scanned, or when it takes too long */
async function finished(image: Pushed, options: ScanOptions): Promise<Scan> {
  const { scans, signal, look = LOOK } = options;
  const name = nameInRegistry(image.repository);
  const end = performance.now() + LONGEST;
  let isAsked = false;
  while (performance.now() < end) {
    const scan = await scans.findScan(name, image.digest);
    if (scan && /^(?:COMPLETE|ACTIVE)$/.test(scan.status)) return scan;
    if (!scan && !isAsked) {
      await startScan(image, options);
      isAsked = true;
    }
    if (scan && !/^(?:IN_PROGRESS|PENDING)?$/.test(scan.status))
      throw notScanned(image, [scan.status, scan.reason].filter(Boolean).join(": "));
    await delay(look, undefined, { signal });
  }
  throw new UserError(`ECR's scan of ${image.remote} is still not done after ${LONGEST / 60_000} minutes`, {
    reason: "environment",
    hint: "Run the command again: what is pushed is not sent again.",
  });
}

/**
 * Waits for ECR's scans of images. One that is not scanned does not hide the findings of the others.
 * @throws UserError (exit 1) that lists the findings of a severity or a worse one; (exit 3) when an image is not scanned: a
 * gate that cannot be tried is not passed, and nothing was found either
 */
export async function requireScans(
  pushed: readonly Pushed[],
  least: Severity,
  options: ScanOptions,
): Promise<void> {
  const rows: string[][] = [];
  const faults: UserError[] = [];
  for (const image of pushed) {
    try {
      const { findings } = await finished(image, options);
      const found = failing(findings, least);
      rows.push(...found.map((each) => [image.name, each.severity, each.name, each.package]));
      say(
        `${image.remote}: ${findings.length} findings of the scan, ${found.length} of them ${least} or worse`,
      );
    } catch (error) {
      options.signal.throwIfAborted();
      if (!(error instanceof UserError)) throw error;
      faults.push(error);
    }
  }
  const unscanned = faults.map(({ message }) => message);
  if (rows.length > 0) throw withFindings(rows, unscanned, least);
  const [first] = faults;
  if (first && faults.length > 1)
    throw first.ofSeveral(`${faults.length} images have no result of a scan`, unscanned);
  if (first) throw first;
}

function withFindings(rows: readonly string[][], unscanned: readonly string[], least: Severity): UserError {
  const more = rows.length > LISTED ? [`and ${rows.length - LISTED} more`] : [];
  const lines = table([["image", "severity", "finding", "package"], ...rows.slice(0, LISTED)]);
  return new UserError(
    [`ECR's scans have findings of severity ${least} or worse`, lines, ...more, ...unscanned].join("\n"),
    {
      reason: "check",
      hint: "The images are in the registry; no reference is printed and nothing is deployed. Newer base images may mend it: mkimage lock --bases",
    },
  );
}
