/**
 * The script of the baseline `session`: Node and ONNX Runtime with one graph of the image's own, and nothing else. It answers
 * each event of the Runtime API when the graph has run once, with as many texts and tokens as it is told. The token ids are
 * all the same, one that every vocabulary has: a graph's time depends on how many there are.
 *
 * `BASELINE`: `{ model, texts, tokens, threads }` as JSON.
 */
export const SESSION_PROGRAM = `
const { createRequire } = require("node:module");
const http = require("node:http");
const { availableParallelism } = require("node:os");
const { text } = require("node:stream/consumers");
const { InferenceSession, Tensor } = createRequire("/var/task/")("onnxruntime-node");

const { model, texts, tokens, threads } = JSON.parse(process.env.BASELINE);
const agent = new http.Agent({ keepAlive: true });
const api = "http://" + process.env.AWS_LAMBDA_RUNTIME_API + "/2018-06-01/runtime/invocation/";
const call = (method, path, body) => new Promise((resolve, reject) => {
  const request = http.request(api + path, { method, agent }, (response) =>
    text(response).then(() => resolve(response.headers["lambda-runtime-aws-request-id"]), reject));
  request.on("error", reject).end(body);
});
const value = (name) => (name === "input_ids" ? 3 : name === "attention_mask" ? 1 : 0);
const TYPES = { int64: [BigInt64Array, BigInt], int32: [Int32Array, Number], float32: [Float32Array, Number] };

(async () => {
  const session = await InferenceSession.create("/opt/models/" + model + "/model.onnx", {
    // As the function itself: more than there are processors would wait for each other.
    intraOpNumThreads: Math.min(threads, availableParallelism()),
    interOpNumThreads: 1,
  });
  const feeds = Object.fromEntries(session.inputMetadata.map(({ name, type }) => {
    const [Numbers, typed] = TYPES[type];
    const data = new Numbers(texts * tokens).fill(typed(value(name)));
    return [name, new Tensor(type, data, [texts, tokens])];
  }));
  for (;;) {
    const id = await call("GET", "next");
    const outputs = await session.run(feeds);
    const shapes = Object.values(outputs).map(({ dims }) => dims);
    await call("POST", id + "/response", JSON.stringify(shapes));
  }
})();`;
