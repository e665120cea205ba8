import { z } from "zod";
import { UserError } from "../errors.ts";
import { checkJson, parseJson } from "../files/json.ts";
import { readText } from "../files/limits.ts";
import { systemFault } from "../files/system-fault.ts";

/** Version of the form of a line. A reader refuses a newer one, and migrates older ones. */
export const RESULTS_VERSION = 1;

/** Where a project has its results. */
export const RESULTS_FILE = "bench/results.jsonl";

/** Measured values in milliseconds, in the order in which they were measured; nothing is cut away. */
const samples = z.array(z.number().nonnegative());

const resultSchema = z.object({
  version: z.literal(RESULTS_VERSION),
  /** The run that measured it: the same on each of its lines. */
  run: z.object({
    id: z.string(),
    startedAt: z.iso.datetime(),
    target: z.enum(["local", "lambda"]),
    machine: z.object({
      cpu: z.string(),
      arch: z.enum(["arm64", "amd64"]),
      features: z.array(z.string()),
      cores: z.number(),
      memoryMB: z.number(),
    }),
    engine: z.object({ name: z.string(), version: z.string() }).optional(),
    region: z.string().optional(),
    mkimage: z.string(),
    lockDigest: z.string(),
  }),
  measuredAt: z.iso.datetime(),
  cell: z.object({
    function: z.string(),
    os: z.string(),
    arch: z.enum(["arm64", "amd64"]),
    model: z.string(),
    task: z.string(),
    quantization: z.string(),
    reference: z.string(),
    configDigest: z.string(),
    digest: z.string().optional(),
    /** What is measured beside mkimage's image, in the same run: "transformers.js", "python", "session". */
    baseline: z.string().optional(),
    /** In Lambda: whether environments are restored from a snapshot. */
    snapStart: z.boolean().optional(),
  }),
  memoryMB: z.number(),
  input: z.object({ tokens: z.number(), batch: z.number() }),
  /** Emulated cells have sizes and correctness, never times. */
  emulated: z.boolean(),
  status: z.enum(["measured", "failed"]),
  fault: z.string().optional(),
  cold: z
    .object({
      /** Total of each start: from the start of the container's process to the end of the first answer. */
      total: samples,
      /** Medians of the steps, in ms; their sum is about the median of total. */
      steps: z
        .object({
          container: z.number(),
          /** In Lambda: its init, without what the program tells of it. */
          init: z.number(),
          /** In Lambda: the restore from a snapshot. */
          restore: z.number(),
          node: z.number(),
          session: z.number(),
          tokenizer: z.number(),
          firstAnswer: z.number(),
        })
        .partial(),
      /** In Lambda: the milliseconds that were billed for each start, with its answer. */
      billed: samples.optional(),
    })
    .optional(),
  /** `throughput`: requests per second, one at a time. */
  warm: z
    .object({
      samples,
      throughput: z.number(),
      /** In Lambda: requests per second as so many callers at a time got them, each the next when it had its answer. */
      concurrent: z
        .object({ callers: z.number(), calls: z.number(), failed: z.number(), throughput: z.number() })
        .optional(),
    })
    .optional(),
  peakMemoryMB: z.number().optional(),
  /** `shared`: packed bytes of layers that other images of the run have too. */
  sizes: z.object({ packed: z.number(), unpacked: z.number(), shared: z.number() }).optional(),
  /** The gate's figure of this quantization; absent for fp32, the source itself. */
  accuracy: z.object({ metric: z.string(), value: z.number() }).optional(),
});
export type Result = z.output<typeof resultSchema>;

/** @throws UserError (exit 2) for a line that a newer mkimage has written */
function refuseNewer(value: unknown, place: string): void {
  const { data } = z.object({ version: z.number() }).safeParse(value);
  if (data === undefined || data.version <= RESULTS_VERSION) return;
  throw new UserError(
    `${place} has version ${data.version}, and this mkimage reads up to ${RESULTS_VERSION}`,
    {
      hint: "Update mkimage.",
    },
  );
}

/**
 * The lines of a file of results.
 * @throws UserError (exit 2) with file and line for what is not valid, and for a newer version; (exit 2) where there is none
 */
export async function readResults(file: string): Promise<Result[]> {
  const text = await readText(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause instanceof UserError) throw cause;
    if (cause.code === "ENOENT")
      throw new UserError(`No results: there is no ${file}`, { hint: "Measure first: mkimage bench", cause });
    throw new UserError(`Cannot read ${file}: ${systemFault(cause)}`, { cause });
  });
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    const place = `${file}:${index + 1}`;
    const value = parseJson(line, place);
    refuseNewer(value, place);
    return [checkJson(resultSchema, value, place)];
  });
}
