// Answers the events of Lambda's Runtime API with transformers.js.
import { AutoModel, AutoTokenizer, env, mean_pooling, pipeline } from "@huggingface/transformers";

env.localModelPath = "/var/task/models";
env.allowRemoteModels = false;
env.useFSCache = false;

const { task, pooling, normalize } = JSON.parse(process.env.BASELINE);
const options = { dtype: "fp32" };

const TASKS = {
  // Its pipeline takes states by a fixed name, which not every graph gives them.
  async "feature-extraction"() {
    const tokenizer = await AutoTokenizer.from_pretrained("model");
    const model = await AutoModel.from_pretrained("model", options);
    return async (inputs) => {
      const tokens = await tokenizer(inputs, { padding: true, truncation: true });
      const states = Object.values(await model(tokens)).find(({ dims }) => dims.length === 3);
      const pooled = pooling === "cls" ? states.slice(null, 0) : mean_pooling(states, tokens.attention_mask);
      const vectors = (normalize ? pooled.normalize(2, -1) : pooled).tolist();
      return Array.isArray(inputs) ? vectors : vectors[0];
    };
  },
  async "text-classification"() {
    const run = await pipeline(task, "model", options);
    return (inputs) => run([inputs].flat(), { top_k: null });
  },
};
const answer = await TASKS[task]();

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
for (;;) {
  const event = await fetch(`${api}/next`);
  const { inputs } = await event.json();
  const body = JSON.stringify(await answer(inputs));
  const id = event.headers.get("lambda-runtime-aws-request-id");
  await (await fetch(`${api}/${id}/response`, { method: "POST", body })).arrayBuffer();
}
