import { readFile } from "node:fs/promises";
import type { Sample } from "../../models/sample.ts";
import type { ModelSpec } from "../../models/spec.ts";
import { taskRow } from "../../models/tasks.ts";
import { UserError } from "../errors.ts";
import { isPointer, pointerFault } from "../files/git-lfs.ts";
import { systemFault } from "../files/system-fault.ts";
import { asksTheSame } from "../models/sample-replies.ts";
import type { Variant } from "../plan/variant.ts";
import { checkError, type Parameters, type TaskCheck } from "./checks/check.ts";
import { compareReply } from "./checks/compare.ts";
import { CHECKS } from "./checks/index.ts";
import { functionError } from "./function-error.ts";
import { toleranceOf } from "./tolerance.ts";

/** A request to a model, with the check of its reply. */
export interface TestCase {
  /** The event, without the model's name. */
  readonly event: { readonly inputs: unknown; readonly parameters?: Parameters };
  /** @returns the largest difference from an expected number. @throws UserError (exit 1) with what is wrong. */
  check(body: string): number;
}

interface Asked {
  readonly inputs: unknown;
  readonly parameters?: Parameters | undefined;
  readonly expected?: unknown;
  /** How errors name it. */
  readonly title: string;
}

async function readImage(path: string): Promise<string> {
  const content = await readFile(path).catch((cause: Error) => {
    throw new UserError(`Cannot read ${path}: ${systemFault(cause)}`, {
      hint: "Correct `samples` in the model's spec.",
      cause,
    });
  });
  if (isPointer(content.toString("latin1", 0, 100))) throw pointerFault(path);
  return content.toString("base64");
}

/** The images of a sample by their content; anything else as it is. */
async function withImages(inputs: unknown): Promise<unknown> {
  if (Array.isArray(inputs)) return Promise.all(inputs.map(withImages));
  return typeof inputs === "string" ? inputs : readImage((inputs as { image: string }).image);
}

/**
 * What a model is asked: the samples of its spec, or the task's default sample where it has none, with the replies that a person
 * has written there, or else those of the reference.
 */
export function samplesOf({ task, samples, replies = [] }: ModelSpec): Sample[] {
  const { defaultSample, parameters } = CHECKS[task];
  const asked = samples.length > 0 ? samples : [defaultSample as Sample];
  return asked.map((sample) => {
    const whole = { parameters, ...sample };
    const known = replies.find((reply) => asksTheSame(reply, whole));
    return known && !Object.hasOwn(sample, "expected") ? { ...whole, expected: known.expected } : whole;
  });
}

async function askedOf({ name, spec }: Variant): Promise<Asked[]> {
  const images = taskRow(spec.task).reads === "images";
  return Promise.all(
    samplesOf(spec).map(async (sample, index) => ({
      ...sample,
      inputs: images && spec.samples.length > 0 ? await withImages(sample.inputs) : sample.inputs,
      title:
        spec.samples.length > 0
          ? `${name}, sample ${index + 1}`
          : `${name}, asked ${JSON.stringify(CHECKS[spec.task].defaultSample).slice(0, 200)} since its spec has no samples`,
    })),
  );
}

/** Parses a reply. @throws UserError (exit 1) if it is an error or not JSON */
function parseReply(body: string): unknown {
  if (functionError(body) !== undefined) throw checkError("The answer is an error");
  try {
    return JSON.parse(body);
  } catch {
    throw checkError("The answer is not JSON");
  }
}

/** The inputs of a request, each with its answer. */
function pairUp({ isSingle, alwaysList }: TaskCheck, inputs: unknown, reply: unknown): [unknown, unknown][] {
  const one = isSingle ? isSingle(inputs) : !Array.isArray(inputs);
  if (one && !alwaysList) return [[inputs, reply]];
  const asked = one ? [inputs] : (inputs as unknown[]);
  if (Array.isArray(reply) && reply.length === asked.length)
    return asked.map((input, i) => [input, reply[i]]);
  throw checkError(`Expected a list of ${asked.length}, one for each of the inputs`);
}

/**
 * The samples of a model's spec as questions; one of our own where it has none. Of a quantized model only what its gate
 * promises is compared with what a sample expects.
 * @throws UserError (exit 2) when a sample's image is not there.
 */
export async function testCasesOf(variant: Variant): Promise<TestCase[]> {
  const { spec, recipe } = variant;
  // A model's own modules.json may say that vectors have any length, and is not read for a test.
  const normalize = spec.normalize ?? !Object.hasOwn(spec.files, "modules.json");
  const { tolerance, own } = toleranceOf(spec, variant);
  const limits = { ...spec, tolerance, normalize };
  const task = CHECKS[spec.task];
  const compare =
    recipe.method === "keep" || own
      ? (task.compare ?? ((reply, expected) => compareReply(reply, expected, tolerance)))
      : task.compareQuantized;
  return (await askedOf(variant)).map(({ inputs, parameters, expected, title }) => {
    const judge = (reply: unknown): number => {
      const compared = expected !== undefined;
      for (const [input, answer] of pairUp(task, inputs, reply))
        task.check(answer, { input, parameters: parameters ?? {}, limits, compared });
      return compared && compare ? compare(reply, expected, limits) : 0;
    };
    return {
      event: { inputs, ...(parameters && { parameters }) },
      check(body) {
        try {
          return judge(parseReply(body));
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          throw checkError(`${title}: ${error.message}; the answer begins: ${body.slice(0, 200)}`);
        }
      },
    };
  });
}
