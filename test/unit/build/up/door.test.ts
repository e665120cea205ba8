import { request } from "node:http";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { type Cell, openDoor } from "../../../../build/up/door.ts";
import { refusal } from "../../../support/refusal.ts";

/** Says what it was asked for. */
const cell = (name: string): Cell => ({
  name,
  invoke: async (event) => {
    const { rawPath, body, requestContext } = JSON.parse(event);
    const reply = { cell: name, method: requestContext.http.method, path: rawPath, body };
    const http = {
      statusCode: 200,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(reply),
    };
    return { body: JSON.stringify(http), milliseconds: 12.34 };
  },
});

async function open(own = cell("debian"), port = 0) {
  const door = await openDoor(own, { cells: [own, cell("alpine")], port, page: () => "<!doctype html>" });
  onTestFinished(() => door.close());
  return door;
}

const JSON_BODY = { method: "POST", headers: { "content-type": "application/json" }, body: '{"inputs":"a"}' };

test("a request goes to the function with its path and body, and the reply says how long it took", async () => {
  const { url } = await open();
  const reply = await fetch(`${url}/x`, JSON_BODY);
  expect(reply.headers.get("x-mkimage-milliseconds")).toBe("12.3");
  expect(await reply.json()).toEqual({ cell: "debian", method: "POST", path: "/x", body: '{"inputs":"a"}' });
  expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ method: "GET", path: "/health" });
});

test("the page finds every cell behind one address", async () => {
  const { url } = await open();
  const ask = async (path: string) => (await fetch(`${url}/@mkimage/cells/${path}`, JSON_BODY)).json();
  expect(await ask("alpine/")).toMatchObject({ cell: "alpine", path: "/" });
  expect(await ask("alpine/health?x=1")).toMatchObject({ cell: "alpine", path: "/health" });
  expect((await fetch(`${url}/@mkimage/cells/none/`)).status).toBe(404);
});

test("a browser that asks for / gets the page, which may load nothing; other clients get the function", async () => {
  const { url } = await open();
  const page = await fetch(url, { headers: { accept: "text/html,*/*" } });
  expect(await page.text()).toBe("<!doctype html>");
  expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none';.*connect-src 'self'/);
  expect(await (await fetch(url)).json()).toMatchObject({ method: "GET", path: "/" });
});

test("a site whose name was made to lead here is refused", async () => {
  const { url } = await open();
  const status = await new Promise((done, fail) => {
    const { port } = new URL(url);
    request({ port, host: "127.0.0.1", headers: { host: "evil.example" } }, async (response) => {
      await text(response);
      done(response.statusCode);
    })
      .on("error", fail)
      .end();
  });
  expect(status).toBe(421);
});

test.each(["%", "%E0%A4%A", "..%2f"])(
  "a path that is not encoded as a URL (%j) is no cell, and the door stays open",
  async (path) => {
    const { url } = await open();
    expect((await fetch(`${url}/@mkimage/cells/${path}/`, JSON_BODY)).status).toBe(404);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  },
);

test.each([
  { origin: "https://evil.example", status: 403 },
  { origin: "null", status: 403 },
  { origin: "http://localhost.evil.example", status: 403 },
  { origin: "http://localhost:3000", status: 200 },
  { origin: "http://127.0.0.1:8080", status: 200 },
])("a request from a page of $origin: $status", async ({ origin, status }) => {
  const { url } = await open();
  const headers = { origin, "content-type": "text/plain" };
  expect((await fetch(url, { method: "POST", headers, body: "x" })).status).toBe(status);
});

test("a request is as large as a Function URL takes it, and no larger", async () => {
  const { url } = await open();
  const body = "x".repeat(6 * 1024 ** 2 + 1);
  expect((await fetch(url, { ...JSON_BODY, body })).status).toBe(413);
});

test("a function that has ended is a bad gateway, with why", async () => {
  const { url } = await open({
    name: "a",
    invoke: () => Promise.reject(new Error("The container has ended")),
  });
  const reply = await fetch(url, JSON_BODY);
  expect([reply.status, await reply.text()]).toEqual([502, "The container has ended\n"]);
});

test("a port that is taken: exit 3 with the port", async () => {
  const { url } = await open();
  const port = Number(new URL(url).port);
  const error = await refusal(() => open(cell("b"), port));
  expect(error).toMatchObject({ exitCode: 3, message: expect.stringContaining(`port ${port}`) });
});

test("a body that is too large for an event in base64 is refused, and the function is not asked", async () => {
  const { url } = await open({ name: "debian", invoke: () => Promise.reject(new Error("it was asked")) });
  const reply = await fetch(url, { method: "POST", body: Buffer.alloc(5e6) });
  expect(reply.status).toBe(413);
  expect(await reply.text()).toMatch(/^The event has 6\d{6} bytes, and Lambda takes 6291456 at most\n$/);
});
