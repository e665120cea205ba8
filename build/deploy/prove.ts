import type { Lambda } from "../clients/lambda.ts";
import { UserError } from "../errors.ts";
import { type Checked, checkModels, type Invoker } from "../smoke/smoke.ts";
import { checkHandler } from "../smoke/user-handler.ts";
import type { Target } from "./target.ts";

/** What a version answered with when it was asked the samples. */
export type Proof = Omit<Checked, "largest"> & Partial<Pick<Checked, "largest">>;

/** Sends events to one version of a function, one after the other. */
const versionInvoker = (
  lambda: Lambda,
  name: string,
  { version, seconds }: { readonly version: string; readonly seconds: number },
): Invoker => ({
  async invoke(events) {
    const replies = [];
    for (const event of events)
      replies.push(await lambda.invoke(name, { qualifier: version, event, seconds }));
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
  const invoker = versionInvoker(lambda, name, { version, seconds: content.settings.timeout });
  try {
    return image.handler ? await checkHandler(invoker, image) : await checkModels(invoker, image);
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
