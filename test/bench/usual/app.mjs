import { AutoModel, AutoTokenizer, env, mean_pooling } from "@huggingface/transformers";

env.localModelPath = "/var/task/models";
env.allowRemoteModels = false;
env.useFSCache = false;
const tokenizer = await AutoTokenizer.from_pretrained("embed");
const model = await AutoModel.from_pretrained("embed", { dtype: "fp32" });

export async function handler({ inputs }) {
  const tokens = await tokenizer(inputs, { truncation: true });
  const vectors = Object.values(await model(tokens)).find(({ dims }) => dims.length === 3);
  return Array.from(mean_pooling(vectors, tokens.attention_mask).normalize(2, -1).data);
}

if (process.argv[1] === import.meta.filename) {
  console.log(JSON.stringify(await handler({ inputs: process.argv[2] ?? "hello world" })));
}
