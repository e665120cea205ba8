// What the pipelines of transformers.js answer: reads [{folder, model, task, requests}] on stdin, prints the replies of
// each, in the shape that the runtime gives them where transformers.js has another.
import { json } from "node:stream/consumers";
import { env, pipeline, RawImage } from "@huggingface/transformers";

env.allowRemoteModels = false;
env.useFSCache = false;
env.useBrowserCache = false;

/** How a request is put to each pipeline. */
const ASK = {
  "feature-extraction": async (pipe, { inputs }) => {
    const vectors = (await pipe(inputs, { pooling: "mean", normalize: true })).tolist();
    return Array.isArray(inputs) ? vectors : vectors[0];
  },
  "text-classification": async (pipe, { inputs }) => {
    const reply = await pipe(inputs, { top_k: 100 });
    return Array.isArray(inputs) ? reply : [reply];
  },
  "token-classification": (pipe, { inputs, parameters }) => pipe(inputs, parameters),
  "zero-shot-classification": async (pipe, { inputs, parameters: { candidate_labels, ...rest } }) => {
    const { labels, scores } = await pipe(inputs, candidate_labels, rest);
    return labels.map((label, i) => ({ label, score: scores[i] }));
  },
  "question-answering": (pipe, { inputs: { question, context } }) => pipe(question, context),
  "fill-mask": (pipe, { inputs, parameters }) => pipe(inputs, parameters),
  "text-generation": (pipe, { inputs, parameters }) => pipe(inputs, parameters),
  "image-classification": async (pipe, { inputs, parameters }) =>
    pipe(await RawImage.fromBlob(new Blob([Buffer.from(inputs, "base64")])), parameters),
  summarization: (pipe, { inputs, parameters }) => pipe(inputs, parameters),
  translation: (pipe, { inputs, parameters }) => pipe(inputs, parameters),
};

const replies = [];
for (const { folder, model, task, requests } of await json(process.stdin)) {
  env.localModelPath = folder;
  const pipe = await pipeline(task, model, { dtype: "fp32" });
  const answers = [];
  for (const request of requests) answers.push(await ASK[task](pipe, request));
  replies.push(answers);
}
process.stdout.write(JSON.stringify(replies));
