import { z } from "zod";

/** Where the emulator listens. */
export const RIE_PORT = 8080;

/** Posts an event to the emulator, as soon as it is there, from inside the container: it needs no network and no published port. */
const POST = `
const { request } = require("node:http");
const { text, json } = require("node:stream/consumers");
const patience = Number(process.argv[1]);
const options = { host: "127.0.0.1", port: ${RIE_PORT}, method: "POST", path: "/2015-03-31/functions/function/invocations" };
const post = (event) => new Promise((done, fail) => {
  const start = performance.now();
  const answer = async (response) => {
    const body = await text(response);
    done({ status: response.statusCode, body, milliseconds: performance.now() - start });
  };
  request(options, (response) => answer(response).catch(fail)).on("error", fail).end(event);
});
const postWhenUp = (event, deadline = Date.now() + patience) => post(event).catch(async (error) => {
  if (error.code !== "ECONNREFUSED" || Date.now() > deadline) throw error;
  await new Promise((next) => setTimeout(next, 20));
  return postWhenUp(event, deadline);
});`;

/** Posts each event of the JSON list on stdin, one after the other, and prints the list of answers. */
export const CALL = `${POST}
(async () => {
  const replies = [];
  const deadline = Date.now() + patience;
  for (const event of await json(process.stdin)) replies.push(await postWhenUp(event, deadline));
  process.stdout.write(JSON.stringify(replies));
})().catch((error) => {
  process.stderr.write(error.message);
  process.exitCode = 1;
});`;

/** Posts the event on each line of stdin, one after the other, and prints a line for each: the answer, or `error`. */
export const RELAY = `${POST}
(async () => {
  for await (const event of require("node:readline").createInterface({ input: process.stdin })) {
    const reply = await postWhenUp(event).catch((error) => ({ error: error.message }));
    process.stdout.write(JSON.stringify(reply) + "\\n");
  }
})();`;

export const reply = z.object({ status: z.number(), body: z.string(), milliseconds: z.number() });

/** The command that runs one of these scripts in the image. */
export const callCommand = (script: string, patience: number): string[] => [
  "/usr/local/bin/node",
  "--eval",
  script,
  "--",
  String(patience),
];
