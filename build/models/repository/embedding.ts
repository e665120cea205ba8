import type { ModelSpec } from "../../../models/spec.ts";
import { taskRow } from "../../../models/tasks.ts";
import { UserError } from "../../errors.ts";
import type { FilePort } from "./onnx-file.ts";
import {
  type EmbeddingFacts,
  type EmbeddingReport,
  readEmbeddingFiles,
  type SideFiles,
} from "./sentence-transformers.ts";

/** The output that holds what all steps of sentence-transformers give: Optimum exports it so. */
const WHOLE = "sentence_embedding";

export interface EmbeddingEvidence {
  /** For messages: whose files they are. */
  readonly model: string;
  readonly files: SideFiles;
  /** Of the first graph; undefined where it cannot be read. */
  readonly graph: readonly Pick<FilePort, "name" | "shape">[] | undefined;
}

type Asked = EmbeddingFacts & Pick<Partial<ModelSpec>, "outputs">;
const same = (a: unknown, b: unknown) => JSON.stringify([a].flat()) === JSON.stringify([b].flat());

/** @throws UserError (exit 2) for a field that spec and files give different values */
function checkAgreement(model: string, asked: Asked, facts: EmbeddingFacts): void {
  for (const [name, said] of Object.entries(facts) as [keyof EmbeddingFacts, unknown][]) {
    if (asked[name] === undefined || same(asked[name], said)) continue;
    throw new UserError(
      `The spec of model "${model}" has ${name} ${JSON.stringify(asked[name])}, and the model's own files say ${JSON.stringify(said)}`,
      {
        hint: `Remove \`${name}\` from the spec, or the files of sentence-transformers (modules.json …) from its \`files\`.`,
      },
    );
  }
}

/** The output with a vector per text that is what the whole model gives, where there is one. */
function wholeOutput({ outputs, pooling }: Asked, facts: EmbeddingFacts, graph: EmbeddingEvidence["graph"]) {
  const named = outputs?.vectors;
  if (named !== undefined)
    return graph?.some(({ name, shape }) => name === named && shape?.length === 3) ? undefined : named;
  // Pooling that only a person asks for, or that leaves the prompt out, is not what the export has done.
  if ((pooling !== undefined && facts.pooling === undefined) || facts.includePrompt === false)
    return undefined;
  return graph?.some(({ name }) => name === WHOLE) ? WHOLE : undefined;
}

function checkSteps(model: string, { unsupported }: EmbeddingReport): void {
  if (unsupported.length === 0) return;
  throw new UserError(
    `mkimage cannot do all steps of model "${model}" after its graph: modules.json has ${unsupported.join(", ")}`,
    {
      hint: `Export it with an output \`${WHOLE}\` that does all steps: \`optimum-cli export onnx --library sentence_transformers --task feature-extraction\`.`,
    },
  );
}

/** sentence-similarity gives cosines, as the Hugging Face inference API does. */
function checkSimilarity(model: string, { similarity = "cosine" }: EmbeddingReport): void {
  if (similarity === "cosine") return;
  throw new UserError(
    `Model "${model}" compares vectors by "${similarity}", and sentence-similarity by their cosine`,
    {
      hint: "Take the vectors themselves with the task feature-extraction.",
    },
  );
}

/**
 * How a model makes vectors: as its spec says, else as the model's own files say, with the graph's own result in the first
 * place. Empty for a task without vectors.
 * @throws UserError (exit 2) where spec and files contradict each other, or the model does what is not supported
 */
export function embeddingOf(
  { task, ...asked }: Pick<ModelSpec, "task"> & Asked,
  { model, files, graph }: EmbeddingEvidence,
): Asked {
  if (taskRow(task).gate !== "embedding") return {};
  const report = readEmbeddingFiles(files);
  const { facts } = report;
  checkAgreement(model, asked, facts);
  if (task === "sentence-similarity") checkSimilarity(model, report);
  const whole = wholeOutput(asked, facts, graph);
  if (whole === undefined) checkSteps(model, report);
  const { pooling = report.usual, ...rest } = { ...facts, ...asked };
  return {
    ...rest,
    ...(whole === undefined
      ? pooling !== undefined && { pooling }
      : { outputs: { ...asked.outputs, vectors: whole } }),
  };
}
