import { beforeEach, expect, test, vi } from "vitest";
import { EcrScans, type Scan } from "../../../../build/clients/ecr-scans.ts";
import { UserError } from "../../../../build/errors.ts";
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

test.each([
  {
    what: "an operating system that ECR does not know",
    scan: { status: "UNSUPPORTED_IMAGE", reason: "The operating system is not supported" },
    says: "UNSUPPORTED_IMAGE: The operating system is not supported",
    hint: "basic scans know the packages of some operating systems only",
  },
  {
    what: "a scan that is no longer offered",
    scan: { status: "SCAN_ELIGIBILITY_EXPIRED" },
    says: "SCAN_ELIGIBILITY_EXPIRED",
    hint: "once a day",
  },
  {
    what: "a scan that failed",
    scan: { status: "FAILED", reason: "internal" },
    says: "FAILED: internal",
    hint: "",
  },
])("$what: exit 3, as nothing was found and nothing was passed", async ({ scan, says, hint }) => {
  const error = await refusal(() => run(scansOf(scan)));
  expect(error).toMatchObject({ exitCode: 3, message: `ECR does not scan ${IMAGE.remote}: ${says}` });
  expect(error.hint).toContain(hint);
  expect(error.hint).toContain("Without --fail-on");
});

test.each([
  ["ValidationException", "This feature is disabled", "Scans of this repository are off", 3],
  ["UnsupportedImageTypeException", "The image type is not supported", "basic scans", 3],
  ["LimitExceededException", "The scan quota per image has been exceeded", "once a day", 3],
] as const)(
  "a scan that cannot be begun (%s) says why and what to do",
  async (name, message, hint, exitCode) => {
    const scans = scansOf(undefined);
    const cause = Object.assign(new Error(message), { name });
    scans.startScan.mockRejectedValue(
      new UserError(`AWS refuses ecr:StartImageScan: ${name}: ${message}`, { reason: "environment", cause }),
    );
    const error = await refusal(() => run(scans));
    expect(error).toMatchObject({ exitCode, hint: expect.stringContaining(hint) });
    expect(error.message).toContain(
      `ECR does not scan ${IMAGE.remote}: AWS refuses ecr:StartImageScan: ${name}`,
    );
  },
);

test("one that is not scanned does not hide the findings of another", async () => {
  const scans = scansOf({ status: "UNSUPPORTED_IMAGE" }, { findings: [finding("critical")] });
  const both = [IMAGE, { ...IMAGE, name: "debian-arm64", remote: "registry/debian" }];
  const error = await refusal(() =>
    requireScans(both, "high", { scans, signal: new AbortController().signal, look: 1 }),
  );
  expect(error.exitCode).toBe(1);
  expect(error.message).toMatch(/debian-arm64 +critical[\s\S]*ECR does not scan 1234/);
  const none = scansOf({ status: "UNSUPPORTED_IMAGE" });
  const twice = await refusal(() =>
    requireScans(both, "high", { scans: none, signal: new AbortController().signal, look: 1 }),
  );
  expect(twice).toMatchObject({
    exitCode: 3,
    message: expect.stringContaining("2 images have no result of a scan"),
  });
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
