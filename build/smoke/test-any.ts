import type { Arch } from "../catalog.ts";
import { engineArch } from "../engine/caller-image.ts";
import { UserError } from "../errors.ts";
import type { Image } from "../plan/image.ts";
import { type FindOptions, findAnyImage } from "./any-image.ts";
import { shownLog } from "./function-error.ts";
import { helperFor, withoutEmulator } from "./helper.ts";
import { checkLifecycle, type Lifecycle } from "./lifecycle.ts";
import { answerable, type Question, questionsOf } from "./lifecycle-run.ts";
import type { Inspection } from "./rules/rule.ts";
import { checkRules, type RuleResult, requireRules } from "./rules/rules.ts";
import { type FunctionOptions, type Sandbox, type Sandboxed, withSandbox } from "./sandbox.ts";
import { checkModels } from "./smoke.ts";
import { replyFault } from "./user-handler.ts";

/** MB of a function whose configuration nobody has told. */
const MEMORY = 1024;

/** How an image is tested that is not the project's. */
export interface TestOptions extends FindOptions, FunctionOptions {
  readonly limits?: Partial<Sandboxed> | undefined;
  /** Also what the emulator does not have (lifecycle.ts); not of an emulated image. */
  readonly thorough?: boolean;
}

/** Variables that every function has: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const VARIABLES = ["LAMBDA_TASK_ROOT=/var/task", "LAMBDA_RUNTIME_DIR=/var/runtime"];

/** The architecture of an image that keeps the rules. */
const archOf = ({ settings }: Pick<Inspection, "settings">): Arch =>
  settings.architecture === "arm64" ? "arm64" : "amd64";

export interface AnyInspected {
  readonly reference: string;
  readonly rules: readonly RuleResult[];
}

/** What becomes of each rule with any image; nothing of it is run. */
export async function inspectAny(reference: string, options: FindOptions): Promise<AnyInspected> {
  const { facts } = await findAnyImage(reference, options);
  return { reference, rules: await checkRules({ ...facts, arch: options.arch }) };
}

export interface AnyTested extends AnyInspected {
  readonly id: string;
  readonly arch: Arch;
  readonly emulated: boolean;
  readonly firstMs: number;
  readonly warmMs: number;
  /** What it answered to the event; undefined when a model's samples were sent. */
  readonly reply?: string;
  readonly largestDifference?: number;
  readonly lifecycle?: Lifecycle;
}

/** What is sent to an image: an event, or the samples of the models of a project's image. */
export type Asked = { readonly event: string } | { readonly samplesOf: (arch: Arch) => Image };

/** The same for a run without the emulator. */
async function questionsFor(arch: Arch, asked: Asked): Promise<Question[]> {
  return "samplesOf" in asked ? questionsOf(asked.samplesOf(arch)) : [answerable(asked.event)];
}

async function ask(sandbox: Sandbox, arch: Arch, asked: Asked) {
  if ("samplesOf" in asked) {
    const { largest, ...times } = await checkModels(sandbox, asked.samplesOf(arch));
    return { ...times, largestDifference: largest };
  }
  const [first, warm] = await sandbox.invoke([asked.event, asked.event]);
  const body = first?.body ?? "";
  for (const reply of [first, warm]) {
    const fault = reply && replyFault(reply.body);
    if (fault)
      throw new UserError(`The function answered with an error: ${fault}`, {
        reason: "check",
        hint: `Its log:\n${shownLog(await sandbox.logs())}`,
      });
  }
  return { firstMs: first?.milliseconds ?? 0, warmMs: warm?.milliseconds ?? 0, reply: body };
}

/**
 * Tests any image of a Lambda function: the rules for images first, then its answers under the emulator with Lambda's
 * limits; with an emulator of ours where it has none.
 * @throws UserError (exit 1) with the broken rules, or with what is wrong with an answer and the function's log
 */
export async function testAny(reference: string, asked: Asked, options: TestOptions): Promise<AnyTested> {
  const { docker, signal } = options;
  const { facts, run } = await findAnyImage(reference, options);
  const rules = await checkRules({ ...facts, arch: options.arch });
  requireRules(rules, reference);
  const arch = archOf(facts);
  const emulated = arch !== (await engineArch(docker));
  const helper = await helperFor(facts, arch, options);
  const given = { signal, env: [...VARIABLES, ...(options.env ?? [])], network: options.network };
  return run(async (id) => {
    const image = { memory: MEMORY, ...options.limits, reference: id, arch, function: "function" };
    const found = await withSandbox(docker, image, { ...given, helper }, (sandbox) =>
      ask(sandbox, arch, asked),
    );
    const tested = { reference, id, arch, emulated, rules, ...found };
    if (!options.thorough || emulated) return tested;
    const { labels } = facts.settings;
    const subject = { ...image, program: withoutEmulator(facts), labels };
    // The emulator sets it to its last argument, Lambda to the image's command.
    const name = facts.settings.command.at(-1);
    const env = [...given.env, ...(name ? [`_HANDLER=${name}`] : [])];
    const checks = { docker, ...given, env, strict: false };
    return { ...tested, lifecycle: await checkLifecycle(subject, await questionsFor(arch, asked), checks) };
  });
}
