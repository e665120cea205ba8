import { beforeEach, expect, test, vi } from "vitest";
import { EcrScans, type Scan } from "../../../../build/clients/ecr-scans.ts";
import type { Pushed } from "../../../../build/registry/push.ts";
import { failing, requireScans } from "../../../../build/registry/scan.ts";
import { refusal } from "../../../support/refusal.ts";
import { fakeEcr } from "../clients/fake-ecr.ts";

beforeEach(() => {
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
});

const finding = (severity: string, name = `CVE-${severity}`) => ({ name, severity, package: "openssl" });
const IMAGE = {
  name: "alpine-arm64",
  repository: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/embed",
  digest: "sha256:a",
  remote: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/embed@sha256:a",
} as Pushed;

/** A registry whose scan of an image goes through these states. */
function scansOf(...states: (Partial<Scan> | undefined)[]) {
  const findScan = vi.fn(async () => {
    const state = states.length > 1 ? states.shift() : states[0];
    return state && { status: "COMPLETE", reason: undefined, findings: [], ...state };
  });
  return { findScan, startScan: vi.fn(async () => {}) };
}
const run = (scans: ReturnType<typeof scansOf>) =>
  requireScans([IMAGE], "high", { scans, signal: new AbortController().signal, look: 1 });

test("it waits for the scan, and findings of lower severities pass", async () => {
  const scans = scansOf({ status: "IN_PROGRESS" }, { status: "PENDING" }, { findings: [finding("medium")] });
  await run(scans);
  expect(scans.findScan).toHaveBeenCalledTimes(3);
  expect(scans.findScan).toHaveBeenCalledWith("team/embed", "sha256:a");
  expect(scans.startScan).not.toHaveBeenCalled();
});

test("an image that was not scanned when it was pushed is scanned now", async () => {
  const scans = scansOf(undefined, undefined, { status: "ACTIVE" });
  await run(scans);
  expect(scans.startScan).toHaveBeenCalledExactlyOnceWith("team/embed", "sha256:a");
});

test("findings of the severity and worse ones are an error that lists them, the worst first", async () => {
  const scans = scansOf({ findings: [finding("high"), finding("low"), finding("critical")] });
  const error = await refusal(() => run(scans));
  expect(error).toMatchObject({ exitCode: 1, hint: expect.stringContaining("nothing is deployed") });
  expect(
    error.message
      .split("\n")
      .slice(1)
      .map((line) => line.split(/ {2,}/)),
  ).toEqual([
    ["image", "severity", "finding", "package"],
    ["alpine-arm64", "critical", "CVE-critical", "openssl"],
    ["alpine-arm64", "high", "CVE-high", "openssl"],
  ]);
});

test("a scan that fails says ECR's reason", async () => {
  const scans = scansOf({ status: "UNSUPPORTED_IMAGE", reason: "The operating system is not supported" });
  const error = await refusal(() => run(scans));
  expect(error).toMatchObject({
    exitCode: 1,
    message: expect.stringContaining("could not scan 1234"),
  });
  expect(error.message).toContain("The operating system is not supported");
});

test("what is informational, or has no severity, never fails", () =>
  expect(failing([finding("informational"), finding("undefined"), finding("untriaged")], "low")).toEqual([]));

test("findings of basic and of enhanced scans are read, page by page", async () => {
  let page = 0;
  const { endpoint } = await fakeEcr({
    DescribeImageScanFindings: () => {
      page += 1;
      const basic = { name: "CVE-1", severity: "HIGH", attributes: [{ key: "package_name", value: "musl" }] };
      const enhanced = {
        severity: "CRITICAL",
        packageVulnerabilityDetails: { vulnerabilityId: "CVE-2", vulnerablePackages: [{ name: "curl" }] },
      };
      return {
        imageScanStatus: { status: "COMPLETE" },
        imageScanFindings: page === 1 ? { findings: [basic] } : { enhancedFindings: [enhanced] },
        ...(page === 1 && { nextToken: "more" }),
      };
    },
  });
  vi.stubEnv("AWS_ENDPOINT_URL", endpoint);
  vi.stubEnv("AWS_REGION", "eu-west-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIATEST");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  const scan = await new EcrScans(new AbortController().signal).findScan("team/embed", "sha256:a");
  expect(scan?.findings).toEqual([
    { name: "CVE-1", severity: "high", package: "musl" },
    { name: "CVE-2", severity: "critical", package: "curl" },
  ]);
});

test("an image without a scan has none", async () => {
  const { endpoint } = await fakeEcr({
    DescribeImageScanFindings: { __type: "ScanNotFoundException", Message: "none" },
  });
  vi.stubEnv("AWS_ENDPOINT_URL", endpoint);
  vi.stubEnv("AWS_REGION", "eu-west-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIATEST");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  expect(await new EcrScans(new AbortController().signal).findScan("a", "sha256:a")).toBeUndefined();
});
