import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { Hub } from "../../../../build/clients/hub.ts";
import { refusal } from "../../../support/refusal.ts";

const { signal } = new AbortController();
const AT = { repo: "acme/tiny", revision: "main" };

/** A hub that gives these answers one after the other, the last one for ever. */
async function hubWith(answers: readonly ((response: ServerResponse) => void)[], token?: string) {
  const times: number[] = [];
  const server = createServer((_, response) => {
    const answer = answers[Math.min(times.length, answers.length - 1)];
    times.push(performance.now());
    answer?.(response);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings = { endpoint, token, offline: false, cache: "/nowhere" };
  return { hub: new Hub(settings, signal), times };
}

const refuse =
  (status: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse) => {
    response.writeHead(status, headers).end();
  };
const found = (response: ServerResponse) =>
  response.writeHead(200, { "content-type": "application/json" }).end(
    JSON.stringify({
      id: AT.repo,
      sha: "a".repeat(40),
      siblings: [],
      cardData: {},
      lastModified: "2026-01-01",
    }),
  );

test("an answer that does not end is cut off, and not asked for again", async () => {
  const started = process.memoryUsage().rss;
  const piece = Buffer.alloc(1e6, "x");
  const endless = (response: ServerResponse) => {
    const send = () => {
      while (!response.destroyed && response.write(piece));
    };
    response.on("drain", send).writeHead(200, { "content-type": "application/json" });
    response.write('{"id":"');
    send();
  };
  const { hub, times } = await hubWith([endless]);
  for (const ask of [() => hub.findModel(AT), () => hub.findFiles(AT, ["config.json"])]) {
    const error = await refusal(ask);
    expect(error.message).toMatch(/^The answer of 127\.0\.0\.1:\d+ is larger than 128 MB/);
    expect(error.exitCode).toBe(2);
  }
  expect(times).toHaveLength(2);
  expect(process.memoryUsage().rss - started).toBeLessThan(1e9);
});

test("too many requests: the hub is asked again after the time that it names", async () => {
  const { hub, times } = await hubWith([
    refuse(429, { "retry-after": "1" }),
    refuse(429, { ratelimit: '"api";r=0;t=1' }),
    found,
  ]);
  expect((await hub.findModel(AT)).commit).toBe("a".repeat(40));
  expect(times).toHaveLength(3);
  for (const i of [1, 2])
    expect((times[i] as number) - (times[i - 1] as number)).toBeGreaterThanOrEqual(1000);
});

test.each([
  { headers: { "retry-after": "1800" }, token: undefined, hint: /^Try again in 30 minutes\..*HF_TOKEN/ },
  { headers: { ratelimit: '"api";r=0;t=7200' }, token: "hf_x", hint: /^Try again in 120 minutes\.$/ },
])("a wait that is too long is not waited for, but told: $headers", async ({ headers, token, hint }) => {
  const { hub, times } = await hubWith([refuse(429, headers)], token);
  const error = await refusal(() => hub.findModel(AT));
  expect(error).toMatchObject({
    exitCode: 3,
    message: expect.stringContaining("no more requests for now (429)"),
  });
  expect(error.hint).toMatch(hint);
  expect(times).toHaveLength(1);
});

test.each([
  { status: 401, token: undefined, code: "RepoNotFound", exit: 2, hint: "set HF_TOKEN" },
  {
    status: 401,
    token: "hf_x",
    message: "Invalid credentials in Authorization header",
    exit: 3,
    hint: "Renew HF_TOKEN",
  },
  {
    status: 401,
    token: "hf_x",
    message: 'User Access Token "x" is expired',
    exit: 3,
    hint: "Renew HF_TOKEN",
  },
  { status: 401, token: undefined, exit: 3, hint: "set HF_TOKEN" },
  { status: 403, token: "hf_x", exit: 3, hint: "Renew HF_TOKEN" },
  { status: 403, token: "hf_x", code: "GatedRepo", exit: 3, hint: "Ask for access" },
])(
  "$status, code $code, token $token, $message: exit code $exit",
  async ({ status, token, exit, hint, code, message }) => {
    const headers = { ...(code && { "x-error-code": code }), ...(message && { "x-error-message": message }) };
    const { hub, times } = await hubWith([refuse(status, headers)], token);
    const error = await refusal(() => hub.findModel(AT));
    expect(error.exitCode).toBe(exit);
    expect(error.hint).toContain(hint);
    expect(`${error.message}${error.hint}`).not.toContain("hf_x");
    expect(times).toHaveLength(1);
  },
);
