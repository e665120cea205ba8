import { createServer } from "node:net";
import { expect, test } from "vitest";
import { httpSender } from "../../../../runtime/lambda/connection.ts";
import { fakeRuntimeApi } from "./fake-runtime-api.ts";

const POST = { method: "POST", path: "/2018-06-01/runtime/invocation/1/response", body: "1" } as const;

test("a kept connection that the other side closed meanwhile is replaced", async () => {
  await using server = await fakeRuntimeApi([]);
  const send = httpSender(server.host);
  await send(POST);
  server.drop();
  expect(await send(POST)).toMatchObject({ status: 202 });
  expect(server.posted).toHaveLength(2);
});

test("an answer that breaks off rejects", async () => {
  const server = createServer((socket) => {
    socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address() as { port: number };
  await expect(httpSender(`127.0.0.1:${address.port}`)(POST)).rejects.toThrow("aborted");
  server.close();
});

test("nobody there rejects", async () => {
  const server = await fakeRuntimeApi([]);
  await server[Symbol.asyncDispose]();
  await expect(httpSender(server.host)(POST)).rejects.toThrow("ECONNREFUSED");
});
