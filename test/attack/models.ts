import type { Task } from "../../models/tasks.ts";
import { png } from "./inputs/png.ts";

interface AttackedModel {
  /** Its folder among the small models of test/fixtures/models. */
  readonly made: string;
  readonly task: Task;
  /** A request that it answers at once. */
  readonly small: Readonly<Record<string, unknown>>;
}

const few = { max_new_tokens: 2 };

/** One small model of each task, by its name in the function. */
export const ATTACKED: Readonly<Record<string, AttackedModel>> = {
  vectors: { made: "bert-vectors", task: "feature-extraction", small: { inputs: "a" } },
  similar: {
    made: "bert-vectors",
    task: "sentence-similarity",
    small: { inputs: { source_sentence: "a", sentences: ["b"] } },
  },
  mask: { made: "bert-mask", task: "fill-mask", small: { inputs: "a [MASK]" } },
  moods: { made: "bert-moods", task: "text-classification", small: { inputs: "a" } },
  nli: {
    made: "bert-nli",
    task: "zero-shot-classification",
    small: { inputs: "a", parameters: { candidate_labels: ["b"] } },
  },
  answers: {
    made: "bert-answers",
    task: "question-answering",
    small: { inputs: { question: "a", context: "b" } },
  },
  entities: { made: "bert-entities", task: "token-classification", small: { inputs: "a" } },
  gpt2: { made: "gpt2", task: "text-generation", small: { inputs: "a", parameters: few } },
  t5: { made: "t5", task: "summarization", small: { inputs: "a", parameters: few } },
  nllb: {
    made: "nllb",
    task: "translation",
    small: { inputs: "a", parameters: { src_lang: "eng_Latn", tgt_lang: "fra_Latn", ...few } },
  },
  vit: {
    made: "vit",
    task: "image-classification",
    small: { inputs: png({ width: 8, height: 8 }).toString("base64") },
  },
};
