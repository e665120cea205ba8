import type { Task } from "../../../models/tasks.ts";

/** A small public model with an ONNX export for most tasks: what `init` offers where nothing was named. */
export const USUAL_MODELS: Readonly<Partial<Record<Task, string>>> = {
  "feature-extraction": "hf:sentence-transformers/all-MiniLM-L6-v2",
  "fill-mask": "hf:Xenova/distilbert-base-uncased",
  "image-classification": "hf:Xenova/vit-base-patch16-224",
  "question-answering": "hf:Xenova/distilbert-base-uncased-distilled-squad",
  "sentence-similarity": "hf:sentence-transformers/all-MiniLM-L6-v2",
  summarization: "hf:Xenova/distilbart-cnn-6-6",
  "text-classification": "hf:Xenova/distilbert-base-uncased-finetuned-sst-2-english",
  "text-generation": "hf:onnx-community/Qwen2.5-0.5B-Instruct",
  "token-classification": "hf:Xenova/bert-base-NER",
  translation: "hf:Xenova/opus-mt-en-de",
  "zero-shot-classification": "hf:Xenova/nli-deberta-v3-xsmall",
};
