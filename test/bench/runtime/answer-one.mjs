// The least that speaks the Runtime API: takes an event and answers it.
const { request } = process.getBuiltinModule("node:http");
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API?.split(":") ?? [];
const API = "/2018-06-01/runtime/invocation";

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host, port, method, path: `${API}/${path}` }, (incoming) => {
      let text = "";
      incoming.on("data", (chunk) => {
        text += chunk;
      });
      incoming.on("end", () => resolve({ text, id: incoming.headers["lambda-runtime-aws-request-id"] }));
    });
    outgoing.on("error", reject).end(body);
  });
}

export async function answerOne(handler) {
  const { text, id } = await call("GET", "next");
  await call("POST", `${id}/response`, JSON.stringify(await handler(JSON.parse(text))));
}
