import type { Sample } from "../../../models/sample.ts";
import type { Task } from "../../../models/tasks.ts";
import type { SideFiles } from "../repository/sentence-transformers.ts";

const SENTENCES = ["A man is eating food.", "The weather is lovely today."];

const ARTICLES = [
  "The tower is 324 metres tall, about the same height as a building of 81 floors, and the tallest structure in Paris. It was the first one in the world to reach a height of 300 metres.",
  "Rain is expected in the north tomorrow, with strong winds near the coast. The south stays dry, and temperatures rise to 21 degrees by the end of the week.",
];

/** Short, and the same every time. */
const SHORT = { max_new_tokens: 12, do_sample: false };

const asked = (texts: readonly string[], parameters?: Sample["parameters"]): Sample[] =>
  texts.map((inputs) => ({ inputs, ...(parameters && { parameters }) }));

/** The model's own mask token. */
function maskOf(files: SideFiles): string | undefined {
  const { mask_token: token } = (files["tokenizer_config.json"] ?? {}) as { mask_token?: unknown };
  const mask = typeof token === "object" && token !== null && "content" in token ? token.content : token;
  return typeof mask === "string" && mask !== "" ? mask : undefined;
}

function masked(files: SideFiles): Sample[] {
  const mask = maskOf(files);
  return mask === undefined
    ? []
    : asked([
        `The capital of France is ${mask}.`,
        `She went to the ${mask} to buy some bread.`,
        `Water boils at a hundred ${mask}.`,
      ]);
}

/** Requests of the tasks that not any text makes sense for. */
const SAMPLES: Readonly<Partial<Record<Task, (files: SideFiles) => Sample[]>>> = {
  "fill-mask": masked,
  // A picture would have to be fetched: `mkimage test` draws one.
  "image-classification": () => [],
  "question-answering": () => [
    { inputs: { question: "Where do I live?", context: "My name is Wolfgang and I live in Berlin." } },
    { inputs: { question: "How tall is the tower?", context: ARTICLES[0] ?? "" } },
    { inputs: { question: "Where does it rain tomorrow?", context: ARTICLES[1] ?? "" } },
  ],
  "sentence-similarity": () => [
    {
      inputs: {
        source_sentence: "That is a happy person.",
        sentences: ["That is a happy dog.", "Today is a sunny day."],
      },
    },
  ],
  summarization: () => asked(ARTICLES, SHORT),
  "text-generation": () =>
    asked(["Hello, my name is", "The capital of France is", "Once upon a time there was"], SHORT),
  translation: () => asked(["Hello, how are you?", ...SENTENCES], SHORT),
  "zero-shot-classification": () =>
    asked(
      [
        "The new phone has a better camera than the old one.",
        "The match ended in a draw.",
        "The parliament votes on the law tomorrow.",
      ],
      { candidate_labels: ["technology", "sport", "politics"] },
    ),
};

/**
 * Requests that a new spec has as its samples: what `mkimage test` asks, and what the gate of a quantized model compares. Pure.
 * @param files of the model: its mask token is in them
 */
export const samplesOf = (task: Task, files: SideFiles): Sample[] =>
  SAMPLES[task]?.(files) ?? asked(SENTENCES);
