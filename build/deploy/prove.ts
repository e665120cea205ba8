import type { Lambda } from "../clients/lambda.ts";
import { type Report, readReport } from "../clients/lambda-report.ts";
import { UserError } from "../errors.ts";
import { type Checked, checkModels, type Invoker } from "../smoke/smoke.ts";
import { checkHandler } from "../smoke/user-handler.ts";
import type { Target } from "./target.ts";

/** What a version answered with when it was asked the samples. */
export interface Proof extends Omit<Checked, "largest">, Partial<Pick<Checked, "largest">> {
  /** Init and first answer, by Lambda's own report; undefined where an earlier run has left a warm environment. */
  readonly coldMs: number | undefined;
}

/** Sends events to one version of a function, one after the other; `note` gets the report of each. */
const versionInvoker = (
  lambda: Lambda,
  name: string,
  {
    version,
    seconds,
    note,
  }: { version: string; seconds: number; note: (report: Report | undefined) => void },
): Invoker => ({
  async invoke(events) {
    const replies = [];
    for (const event of events) {
      const reply = await lambda.invoke(name, { qualifier: version, event, seconds });
      note(readReport(reply.log));
      replies.push(reply);
    }
    return replies;
  },
});

/**
 * Has a version answer the samples of its models, as `mkimage test` does under the emulator, before any caller gets to it.
 * @throws UserError (exit 1) with what is wrong with its answer
 */
export async function prove(
  { name, image, content }: Target,
  version: string,
  lambda: Lambda,
): Promise<Proof> {
  const reports: (Report | undefined)[] = [];
  const note = (report: Report | undefined) => void reports.push(report);
  const invoker = versionInvoker(lambda, name, { version, seconds: content.settings.timeout, note });
  try {
    const checked = image.handler ? await checkHandler(invoker, image) : await checkModels(invoker, image);
    const [first] = reports;
    return { ...checked, coldMs: first?.init === undefined ? undefined : first.init + first.duration };
  } catch (error) {
    if (!(error instanceof UserError) || error.exitCode !== 1) throw error;
    throw new UserError(`Version ${version} of ${name}: ${error.message}`, {
      reason: "check",
      hint: [error.hint, `No caller gets it. Its log: mkimage logs --function ${name}`]
        .filter(Boolean)
        .join("\n"),
      cause: error,
    });
  }
}
