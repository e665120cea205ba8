import { isNamed } from "../clients/aws-errors.ts";
import type { FunctionConfiguration } from "../clients/lambda.ts";
import { UserError } from "../errors.ts";
import { say } from "../output.ts";
import { codeChanges, settingChanges, versionChanges } from "./changes.ts";
import { toInput } from "./fields.ts";
import { type Live, matchingVersion, SNAPSTART_REFUSED, withoutSnapStart } from "./live.ts";
import { withRole } from "./role.ts";
import type { Target } from "./target.ts";
import { idle, settled, type WaitOptions } from "./wait.ts";

/** How often what is there is read anew: create, settings and code are a turn each, and an answer may be lost. */
const TURNS = 8;

/** Errors of a write that came too late, or whose first answer was lost and which the SDK has sent again. */
const isOvertaken = (error: unknown): boolean =>
  isNamed(error, "PreconditionFailedException") || isNamed(error, "ResourceConflictException");

/**
 * Waits for a function that this run has created. One that Lambda could not make (an image above 10 GB, a KMS key that is off) has no
 * version and no alias, and would be in the way of the next run: it is removed again.
 */
async function created(name: string, options: WaitOptions): Promise<void> {
  const { State, StateReason } = await idle(name, options);
  if (State !== "Failed") return;
  const isRemoved = await options.lambda.deleteFunction(name).then(
    () => true,
    () => false,
  );
  throw new UserError(`Lambda failed with ${name}: ${StateReason ?? "it gives no reason"}`, {
    reason: "check",
    hint: isRemoved
      ? "Nothing is left of the function. Fix the cause, and run the command again."
      : `Fix the cause, then remove it and deploy again: aws lambda delete-function --function-name ${name}`,
  });
}

/**
 * One step nearer to what the function should be; undefined when it is not there yet.
 * @param isFirst whether nothing was written yet: an update that failed is then one of an earlier run, and is mended by a new one
 */
async function step(
  target: Target,
  options: WaitOptions,
  isFirst: boolean,
): Promise<FunctionConfiguration | undefined> {
  const { lambda } = options;
  const { name, content } = target;
  const there = await lambda.findFunction(name);
  if (!there) {
    say(`${name}: creating the function`);
    const input = {
      FunctionName: name,
      PackageType: "Image" as const,
      Code: { ImageUri: content.image },
      Architectures: [content.architecture],
      Role: content.settings.role,
      ...toInput(content.settings),
    };
    await withRole(name, options, () => lambda.createFunction(input));
    await created(name, options);
    return undefined;
  }
  const now = await (isFirst ? idle : settled)(name, options);
  const settings = settingChanges(now, content.settings);
  if (settings.length > 0) {
    say(`${name}: updating ${settings.map(({ field }) => field).join(", ")}`);
    const input = { ...toInput(content.settings, now), FunctionName: name, RevisionId: now.RevisionId };
    await withRole(name, options, () => lambda.updateConfiguration(input));
    return undefined;
  }
  if (now.LastUpdateStatus === "Failed" || codeChanges(there, content).length > 0) {
    say(`${name}: updating the image`);
    await lambda.updateCode({
      FunctionName: name,
      ImageUri: content.image,
      Architectures: [content.architecture],
      RevisionId: now.RevisionId,
    });
    return undefined;
  }
  return now;
}

/** Brings the function ($LATEST) to what it should be. No alias has it, so callers see nothing of it. */
async function converge(target: Target, options: WaitOptions): Promise<FunctionConfiguration> {
  let isFirst = true;
  for (let turn = 1; ; turn += 1) {
    try {
      const done = await step(target, options, isFirst);
      if (done) return done;
      isFirst = false;
    } catch (error) {
      if (!isOvertaken(error) || turn >= TURNS) throw error;
    }
    if (turn >= TURNS) {
      throw new UserError(`${target.name} is changed by someone else again and again`, {
        reason: "environment",
        hint: "Let the other deployment end, and run the command again.",
      });
    }
  }
}

/** Publishes a version with this content. @returns its number */
async function publishContent(target: Target, note: string, options: WaitOptions): Promise<string> {
  const { name, content } = target;
  const { RevisionId } = await converge(target, options);
  const input = { FunctionName: name, RevisionId, Description: note };
  const { Version: version = "" } = await options.lambda.publishVersion(input);
  say(`${name}: published version ${version}`);
  await settled(name, options, version);
  const found = await options.lambda.findFunction(name, version);
  const [wrong] = versionChanges(found, content);
  if (!wrong) return version;
  throw new UserError(
    `Version ${version} of ${name} has another ${wrong.field}: ${wrong.from}, not ${wrong.to}`,
    {
      reason: "environment",
      hint: "Someone else deploys at the same time. Run the command again.",
    },
  );
}

/**
 * A published version that is what the target should be: the one that is there already, or a new one. Each step starts from
 * what is there, so a run that was ended midway is gone on with.
 * @returns its number
 */
export async function publish(target: Target, live: Live, options: WaitOptions): Promise<string> {
  const { name, content, image, snapStartOptional } = target;
  const known = matchingVersion(live, target);
  if (known) return known;
  const note = `mkimage ${image.version}-${image.name}`;
  try {
    return await publishContent(target, note, options);
  } catch (error) {
    if (!snapStartOptional || !(error instanceof UserError && /SnapStart/.test(error.message))) throw error;
    say(`${name}: going on without SnapStart: ${error.message}`);
    const plain = { ...target, content: withoutSnapStart(content) };
    return publishContent(plain, `${note}; ${SNAPSTART_REFUSED}`, options);
  }
}
