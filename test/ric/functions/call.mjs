// Runs inside the container: posts each of [{body, headers}] on stdin to the emulator, one after the other, and prints
// the answers. So the container needs no network and no published port.
import { request } from "node:http";
import { json, text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

const ADDRESS = {
  host: "127.0.0.1",
  port: 8080,
  method: "POST",
  path: "/2015-03-31/functions/function/invocations",
};
const deadline = Date.now() + 60_000;

function post({ body, headers }) {
  return new Promise((done, fail) => {
    const outgoing = request({ ...ADDRESS, headers }, async (response) => {
      const { statusCode: status, headers } = response;
      const type = headers["content-type"];
      done({ status, type, error: headers["x-amz-function-error"], body: await text(response) });
    });
    outgoing.on("error", fail).end(body);
  });
}

async function postWhenUp(call) {
  try {
    return await post(call);
  } catch (error) {
    if (error.code !== "ECONNREFUSED" || Date.now() > deadline) throw error;
    await sleep(20);
    return postWhenUp(call);
  }
}

const replies = [];
for (const call of await json(process.stdin)) replies.push(await postWhenUp(call));
process.stdout.write(JSON.stringify(replies));
