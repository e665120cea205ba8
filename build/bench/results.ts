import { z } from "zod";
import { UserError } from "../errors.ts";
import { checkJson, parseJson } from "../files/json.ts";
import { readText } from "../files/limits.ts";
import { systemFault } from "../files/system-fault.ts";
import { say } from "../output.ts";

/** Version of the form of a line. A reader refuses another one; new fields are optional, and need no new version. */
export const RESULTS_VERSION = 1;

/** Where a project has its results. */
export const RESULTS_FILE = "bench/results.jsonl";

/** Measured values, in the order in which they were measured; nothing is cut away. */
const samples = z.array(z.number().nonnegative());
const ms = z.number();
const rounds = z
  .array(z.int().nonnegative())
  .optional()
  .describe("How many of them each round has, in their order.");
const arch = z.enum(["arm64", "amd64"]);

/**
 * A name of a function, model or cell. A file of results may come from anybody: what a spreadsheet takes for a formula,
 * Markdown for a line of its own or a terminal for a command is no name.
 */
const name = z
  .string()
  .refine(
    (text) => /^[\p{L}\p{N}][^\p{C}]*$/u.test(text),
    "expected a name that begins with a letter or digit, without control characters",
  );

const run = z
  .object({
    id: z.string().describe("Names the run: the same on each of its lines."),
    startedAt: z.iso.datetime(),
    target: z.enum(["local", "lambda"]).describe("Where it was measured: on a machine, or in Lambda."),
    machine: z
      .object({
        cpu: z.string(),
        arch,
        features: z
          .array(z.string())
          .describe("Instruction sets that kernels differ by, such as avx512_vnni."),
        cores: z.number(),
        memoryMB: z.number(),
      })
      .describe("Of a run in Lambda only the architecture is known."),
    engine: z
      .object({ name: z.string(), version: z.string() })
      .optional()
      .describe("The container engine of a local run."),
    region: z.string().optional().describe("Of a run in Lambda."),
    mkimage: z.string().describe("Version of mkimage."),
    lockDigest: z.string().describe("Digest of models/lock.json."),
  })
  .describe("The run that measured the line.");

const cell = z
  .object({
    function: name,
    os: name,
    arch,
    model: name,
    task: name,
    quantization: name,
    reference: z.string().describe("Reference of the image."),
    configDigest: z
      .string()
      .describe("Digest of the image's config; of a run in Lambda that of its manifest."),
    digest: z.string().optional().describe("Digest of the image's manifest."),
    baseline: name
      .optional()
      .describe("What is measured beside mkimage's image: `transformers.js`, `python`, `session`."),
    snapStart: z
      .boolean()
      .optional()
      .describe("In Lambda: whether environments are restored from a snapshot."),
  })
  .describe("What was measured.");

const steps = z
  .object({
    container: ms.describe("The engine's start of the container. Not billed."),
    init: ms.describe("In Lambda: its init, without the steps that the program tells of it."),
    restore: ms.describe("In Lambda: the restore from a snapshot."),
    node: ms.describe("From the start of the process until the program is loaded."),
    session: ms.describe("Until the graphs are open."),
    tokenizer: ms.describe("What it takes longer than the sessions, beside which it is read."),
    firstAnswer: ms.describe("Warm-up and first answer."),
  })
  .partial()
  .describe("Medians in milliseconds; their sum is about the median of `total`.");

/** One line of a file of results. */
export const resultSchema = z.object({
  version: z.literal(RESULTS_VERSION).describe("Of the form of the line."),
  run,
  measuredAt: z.iso.datetime(),
  cell,
  memoryMB: z.int().min(128).max(10240).describe("Memory of the function."),
  input: z.object({
    tokens: z.int().positive().describe("Tokens of each text, about."),
    batch: z.int().positive().describe("Texts of a request."),
  }),
  emulated: z.boolean().describe("Emulated cells have sizes and accuracy, never times."),
  status: z.enum(["measured", "failed"]),
  interrupted: z
    .boolean()
    .optional()
    .describe("Whether the run ended before the cell was complete: --resume measures it again."),
  fault: z.string().optional().describe("Why the cell failed."),
  cold: z
    .object({
      total: samples.describe("Milliseconds of each start, to the end of the first answer."),
      steps,
      rounds,
      billed: samples
        .optional()
        .describe(
          "Milliseconds billed for each start, with its answer: on a machine all but the container's start.",
        ),
    })
    .optional()
    .describe("Starts."),
  warm: z
    .object({
      samples: samples.describe("Milliseconds of each call."),
      rounds,
      throughput: z.number().describe("Requests per second, one at a time."),
      concurrent: z
        .object({
          callers: z.number().describe("Callers at a time; each calls again when it has its answer."),
          calls: z.number(),
          failed: z.number(),
          throughput: z.number().describe("Answers per second, with the network between."),
        })
        .optional()
        .describe("In Lambda: the throughput of several callers."),
    })
    .optional()
    .describe("Calls after the warm-up."),
  peakMemoryMB: z.number().optional(),
  sizes: z
    .object({
      packed: z.number(),
      unpacked: z.number(),
      shared: z.number().describe("Packed bytes of layers that other images of the run have too."),
    })
    .optional()
    .describe("Bytes of the image."),
  accuracy: z
    .object({ metric: z.string(), value: z.number() })
    .optional()
    .describe("The gate's figure of this quantization; absent for fp32, the source itself."),
});
export type Result = z.output<typeof resultSchema>;

/** Whether a line begins as `appendResult` writes it, and has no end. */
function breaksOff(line: string): boolean {
  if (!line.startsWith('{"version":')) return false;
  try {
    JSON.parse(line);
    return false;
  } catch {
    return true;
  }
}

/** @throws UserError (exit 2) for a line that is no JSON */
function parseLine(line: string, place: string): unknown {
  try {
    return parseJson(line, place);
  } catch (error) {
    if (error instanceof UserError)
      error.addHint(
        "Results are lines of JSON, as `mkimage bench` writes them: check that it is their file.",
      );
    throw error;
  }
}

/** @throws UserError (exit 2) for a line of a version that this mkimage does not read */
function checkVersion(value: unknown, place: string): void {
  const { data } = z.object({ version: z.number() }).safeParse(value);
  if (data === undefined || data.version === RESULTS_VERSION) return;
  // Version 1 is the first: there is nothing to migrate yet.
  if (data.version < RESULTS_VERSION)
    throw new UserError(`${place} has version ${data.version}, which no mkimage has written`, {
      hint: `Lines have version ${RESULTS_VERSION}: remove it, and measure again with mkimage bench.`,
    });
  throw new UserError(
    `${place} has version ${data.version}, and this mkimage reads up to ${RESULTS_VERSION}`,
    {
      hint: "Update mkimage.",
    },
  );
}

/**
 * The lines of a file of results. One that breaks off, as a full disk or the end of the machine leaves it, is left out, and a
 * note says so.
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
    if (breaksOff(line)) {
      say(`note: ${place} breaks off and is left out`);
      return [];
    }
    const value = parseLine(line, place);
    checkVersion(value, place);
    return [checkJson(resultSchema, value, place)];
  });
}
