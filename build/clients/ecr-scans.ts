import * as sdk from "@aws-sdk/client-ecr";
import { isNamed } from "./aws-errors.ts";
import { EcrCalls } from "./ecr-calls.ts";

/** A finding of a scan. */
export interface Finding {
  /** `CVE-2026-1234`. */
  readonly name: string;
  /** In lower case: `critical`, `high`, `medium`, `low`, `informational`, `undefined`. */
  readonly severity: string;
  readonly package: string;
}

/** A scan of an image. */
export interface Scan {
  /** `COMPLETE` and `ACTIVE` have findings; `IN_PROGRESS`, `PENDING`; others have failed. */
  readonly status: string;
  readonly reason: string | undefined;
  /** Of the pages that ECR has. */
  readonly findings: readonly Finding[];
}

const toFinding = ({ name = "", severity, attributes = [] }: sdk.ImageScanFinding): Finding => ({
  name,
  severity: (severity ?? "").toLowerCase(),
  package: attributes.find(({ key }) => key === "package_name")?.value ?? "",
});

const fromEnhanced = (finding: sdk.EnhancedImageScanFinding): Finding => ({
  name: finding.packageVulnerabilityDetails?.vulnerabilityId ?? finding.title ?? "",
  severity: (finding.severity ?? "").toLowerCase(),
  package: finding.packageVulnerabilityDetails?.vulnerablePackages?.[0]?.name ?? "",
});

/** ECR's scans of images, basic and enhanced ones. Every method throws a UserError (exit 3) for a lacking permission. */
export class EcrScans extends EcrCalls {
  /** The scan of an image; undefined where there is none. */
  async findScan(name: string, digest: string): Promise<Scan | undefined> {
    const input = { ...this.named(name), imageId: { imageDigest: digest } };
    const findings: Finding[] = [];
    let nextToken: string | undefined;
    let status: sdk.ImageScanStatus = {};
    do {
      const command = new sdk.DescribeImageScanFindingsCommand({ ...input, nextToken });
      try {
        const page = await this.call("DescribeImageScanFindings", (client, options) =>
          client.send(command, options),
        );
        const { findings: basic = [], enhancedFindings = [] } = page.imageScanFindings ?? {};
        findings.push(...basic.map(toFinding), ...enhancedFindings.map(fromEnhanced));
        status = page.imageScanStatus ?? {};
        nextToken = page.nextToken;
      } catch (error) {
        if (isNamed(error, "ScanNotFoundException")) return undefined;
        throw error;
      }
    } while (nextToken);
    return { status: status.status ?? "", reason: status.description, findings };
  }

  /** Has ECR scan an image that was not scanned when it was pushed. */
  async startScan(name: string, digest: string): Promise<void> {
    const input = { ...this.named(name), imageId: { imageDigest: digest } };
    await this.call("StartImageScan", (client, options) =>
      client.send(new sdk.StartImageScanCommand(input), options),
    );
  }
}
