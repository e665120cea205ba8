import type Docker from "dockerode";
import type { Task } from "../../models/tasks.ts";
import type { BuiltBaseline } from "../bake/baseline.ts";
import { ensureBaseline } from "../engine/baseline-image.ts";
import { UserError } from "../errors.ts";
import type { ReadyModel } from "../models/ready-model.ts";
import type { Variant } from "../plan/variant.ts";
import { differences } from "../smoke/checks/compare.ts";
import { MB_PER_PROCESSOR } from "../smoke/limits.ts";
import type { BenchCell } from "./cells.ts";
import { SOURCES } from "./figures.ts";
import { SESSION_PROGRAM } from "./session-program.ts";

/** What can be measured beside the cells, in the same run. */
export const BASELINES = ["transformers.js", "python", "session"] as const;
export type Baseline = (typeof BASELINES)[number];

/** Tasks that the programs of images/baseline-* answer. */
const ANSWERED: readonly Task[] = ["feature-extraction", "text-classification"];

/** Tasks of each baseline. For the session, those of which each text of a request is one row of the graph's input. */
const BASELINE_TASKS: Readonly<Record<Baseline, readonly Task[]>> = {
  "transformers.js": ANSWERED,
  python: ANSWERED,
  session: [...ANSWERED, "fill-mask", "token-classification"],
};

/** Without this file transformers.js opens no tokenizer. */
const TOKENIZER_CONFIG = "tokenizer_config.json";

const NODE = "/usr/local/bin/node";

const PROGRAMS: Readonly<
  Record<BuiltBaseline, { readonly os: string; readonly command: readonly string[] }>
> = {
  "transformers.js": { os: "debian", command: [NODE, "/var/task/app.mjs"] },
  python: { os: "amazonlinux", command: ["/lambda-entrypoint.sh", "app.handler"] },
};

/** @throws UserError (exit 2) for a model that the baseline is not made for */
function checkModel(name: Baseline, { spec: { task, files }, name: model }: Variant): void {
  const tasks = BASELINE_TASKS[name];
  if (!tasks.includes(task)) {
    throw new UserError(`There is no baseline ${name} for ${model}, whose task is ${task}`, {
      hint: `It is for ${tasks.join(", ")}. Leave it out, or choose cells of other models: --function.`,
    });
  }
  if (name !== "transformers.js" || Object.hasOwn(files, TOKENIZER_CONFIG)) return;
  throw new UserError(`The baseline ${name} needs ${TOKENIZER_CONFIG}, and ${model} does not have it`, {
    hint: `Add the file to \`files\` of models/${model}.json and build again, or leave the baseline out.`,
  });
}

/** The session alone, in the image of a cell. */
const sessionCell = ({ accuracy: _, ...like }: BenchCell): BenchCell => ({
  ...like,
  layers: new Map(),
  name: `session ${like.cell.quantization}`,
  cell: { ...like.cell, baseline: "session" },
  program: ({ memory, input }) => ({
    command: [NODE, "--eval", SESSION_PROGRAM],
    env: {
      BASELINE: JSON.stringify({
        model: like.variant.name,
        texts: input.batch,
        tokens: Math.min(input.tokens, like.variant.spec.maxTokens ?? input.tokens),
        threads: Math.max(1, Math.ceil(memory / MB_PER_PROCESSOR)),
      }),
    },
  }),
});

interface BaselineOptions {
  readonly docker: Docker;
  readonly signal: AbortSignal;
  readonly secrets: readonly string[];
  /** The models with their files, by name; asked for once, when a baseline is made of them. */
  readonly models: () => Promise<Readonly<Record<string, ReadyModel>>>;
}

interface BuiltOptions extends Omit<BaselineOptions, "models"> {
  readonly models: Readonly<Record<string, ReadyModel>>;
}

/** An image of its own with the model as it was published, whose answers have to be those of a cell. */
async function builtCell(name: BuiltBaseline, like: BenchCell, options: BuiltOptions): Promise<BenchCell> {
  const { docker, models, ...rest } = options;
  const variant = { ...like.variant, ...models[like.variant.name] };
  const { reference, id, unpacked, layers } = await ensureBaseline(docker, name, variant, rest);
  const { os, command } = PROGRAMS[name];
  const { digest: _, ...cell } = like.cell;
  const quantization = SOURCES.has(cell.quantization) ? cell.quantization : "fp32";
  return {
    name,
    variant,
    image: { ...like.image, reference: id },
    emulated: false,
    cell: { ...cell, os, quantization, reference, configDigest: id, baseline: name },
    unpacked,
    layers: new Map(layers.map(({ digest, size }) => [digest, size])),
    like,
    program: () => ({ command }),
  };
}

/** The first cell of each kind. */
const firstOf = (cells: readonly BenchCell[], kind: (cell: BenchCell) => readonly unknown[]): BenchCell[] =>
  [...Map.groupBy(cells, (cell) => JSON.stringify(kind(cell))).values()].flatMap((same) => same.slice(0, 1));

/**
 * What is measured beside the cells: the session alone for each model and number format, in the image of a cell; the others
 * for each model, in images that are built for it. Beside emulated cells there is none.
 * @throws UserError (exit 2) for a model that a baseline is not made for, and as `ensureBaseline` does
 */
export async function baselineCells(
  baselines: readonly Baseline[],
  cells: readonly BenchCell[],
  options: BaselineOptions,
): Promise<BenchCell[]> {
  const native = cells.filter(({ emulated }) => !emulated);
  for (const name of baselines) for (const { variant } of native) checkModel(name, variant);
  // Those in the source's own format first: what they answer is what the baselines should.
  const nearest = native.toSorted(
    (a, b) => Number(SOURCES.has(b.cell.quantization)) - Number(SOURCES.has(a.cell.quantization)),
  );
  const models = firstOf(nearest, ({ cell }) => [cell.function, cell.model, cell.arch]);
  const formats = firstOf(native, ({ cell }) => [cell.function, cell.model, cell.arch, cell.quantization]);
  const found: BenchCell[] = [];
  const isBuilt = native.length > 0 && baselines.some((name) => name !== "session");
  const ready = { ...options, models: isBuilt ? await options.models() : {} };
  for (const name of new Set(baselines)) {
    if (name === "session") found.push(...formats.map(sessionCell));
    else for (const like of models) found.push(await builtCell(name, like, ready));
  }
  const several = new Set(native.map(({ cell }) => cell.function)).size > 1;
  return several ? found.map((each) => ({ ...each, name: `${each.cell.function} ${each.name}` })) : found;
}

/** How far a number may be from that of another version of ONNX Runtime. */
const TOLERANCE = 0.01;

const labelOf = (value: unknown): string =>
  String((value as { readonly label?: string } | null)?.label ?? "");

/** Classes of a text in the order of their names: those with equal scores have no other. */
const sorted = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(sorted).toSorted((a, b) => labelOf(a).localeCompare(labelOf(b))) : value;

/** @throws UserError (exit 1) for an answer that is no JSON */
function readAnswer(text: string): unknown {
  try {
    return sorted(JSON.parse(text));
  } catch (cause) {
    throw new UserError(`It answers with no JSON: ${text.slice(0, 200)}`, { reason: "check", cause });
  }
}

/**
 * Sees that a baseline does the work that a cell does: its answer has the cell's form, and where the cell has the source's
 * weights also its numbers.
 * @throws UserError (exit 1) that says where the answers differ
 */
export function requireSameWork(answer: string, expected: string, { cell }: BenchCell): void {
  const tolerance = SOURCES.has(cell.quantization) ? TOLERANCE : Infinity;
  const beyond = differences(readAnswer(answer), readAnswer(expected)).find(
    ({ away }) => away === undefined || !(away <= tolerance),
  );
  if (beyond)
    throw new UserError(
      `It does not answer as ${cell.os}-${cell.arch} ${cell.quantization} does: ${beyond.text}`,
      {
        reason: "check",
      },
    );
}
