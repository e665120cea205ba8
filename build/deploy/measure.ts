import type { Ecr } from "../clients/ecr.ts";
import type { Lambda } from "../clients/lambda.ts";
import { type Report, readReport } from "../clients/lambda-report.ts";
import { imageSize } from "../registry/published.ts";
import { testCasesOf } from "../smoke/cases.ts";
import { type Figures, requireGates } from "./gates.ts";
import type { Live } from "./live.ts";
import type { Proof } from "./prove.ts";
import type { Target } from "./target.ts";

/** Answers of a warm environment, of which the quickest counts. */
const WARM_CALLS = 5;
/** Calls at a time that have Lambda start a new environment, where an earlier run has left a warm one. */
const AT_ONCE = [2, 4, 8];

type Timed = Pick<Report, "duration" | "init">;

/** Calls one version with an event that the function answers, and gives Lambda's report of the call. */
async function caller(lambda: Lambda, { name, content, image }: Target, version: string) {
  const [testCase] =
    image.handler && image.event ? [{ event: image.event }] : await testCasesOf(image.models[0]);
  const call = {
    qualifier: version,
    event: JSON.stringify(testCase?.event),
    seconds: content.settings.timeout,
  };
  return async (): Promise<Timed> => {
    const { log, milliseconds } = await lambda.invoke(name, call);
    return readReport(log) ?? { duration: milliseconds, init: undefined };
  };
}

async function warmAnswer(call: () => Promise<Timed>): Promise<number> {
  const reports: Timed[] = [];
  for (let each = 0; each <= WARM_CALLS; each += 1) reports.push(await call());
  return Math.min(...reports.slice(1).map(({ duration }) => duration));
}

/** Init and answer of a new environment; undefined where Lambda has started none. */
async function coldStart(call: () => Promise<Timed>): Promise<number | undefined> {
  for (const count of AT_ONCE) {
    const reports = await Promise.all(Array.from({ length: count }, call));
    const cold = reports.find(({ init }) => init !== undefined);
    if (cold) return (cold.init ?? 0) + cold.duration;
  }
  return undefined;
}

/** The version that callers have now, where a gate compares with it. */
async function liveFigures(target: Target, { alias, versions }: Live, { lambda, ecr }: MeasureOptions) {
  const { slowdown, growth } = target.gates;
  const version = alias?.FunctionVersion;
  const image = versions.get(version ?? "")?.image;
  if (!version || !image) return undefined;
  return {
    ...(slowdown && { warmMs: await warmAnswer(await caller(lambda, target, version)) }),
    ...(growth && { size: await imageSize(image, ecr) }),
  };
}

export interface MeasureOptions {
  readonly lambda: Lambda;
  readonly ecr: Ecr;
}

/**
 * Measures a version that no caller has yet, as far as `deploy.gates` asks for it, and compares it with the gates.
 * @throws UserError (exit 1) that lists what is beyond the gates
 */
export async function passGates(
  target: Target,
  version: string,
  { proof, live, ...options }: MeasureOptions & { readonly proof: Proof; readonly live: Live },
): Promise<Figures> {
  const { gates, name, image } = target;
  const call = await caller(options.lambda, target, version);
  const isTimed = (gates.warmMs ?? gates.slowdown) !== undefined;
  const isSized = (gates.sizeMB ?? gates.growth) !== undefined;
  const now = {
    coldMs: proof.coldMs ?? (gates.coldMs === undefined ? undefined : await coldStart(call)),
    warmMs: isTimed ? await warmAnswer(call) : proof.warmMs,
    size: isSized ? await imageSize(image.remote, options.ecr) : undefined,
  };
  const before = await liveFigures(target, live, options);
  requireGates(`Version ${version} of ${name}`, gates, { now, live: before });
  return now;
}
