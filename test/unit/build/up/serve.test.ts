import { setImmediate as turn } from "node:timers/promises";
import type Docker from "dockerode";
import { expect, test, vi } from "vitest";
import { makePlan } from "../../../../build/plan/plan.ts";
import { startImage } from "../../../../build/up/running.ts";
import { serve } from "../../../../build/up/serve.ts";
import { configOf, FACTS, MINIMAL } from "../../../support/plan-facts.ts";

vi.mock("../../../../build/up/running.ts", () => ({ startImage: vi.fn() }));

const docker = { info: async () => ({ Architecture: "x86_64" }) } as unknown as Docker;
const { signal } = new AbortController();
const options = { docker, signal, portOf: () => 0 };
const plan = async () => makePlan(await configOf(MINIMAL, { os: ["debian"] }), FACTS);

test("each image has an address, and the page has them all", async () => {
  const stopped: string[] = [];
  vi.mocked(startImage).mockImplementation(async ({ name }) => ({
    invoke: async () => ({ body: JSON.stringify(name), milliseconds: 1 }),
    stop: async () => void stopped.push(name),
  }));
  const served = await serve(await plan(), options);
  for (const name of ["debian-arm64", "debian-amd64"]) {
    const url = served.urls[name] as string;
    expect(await (await fetch(url, { method: "POST", body: "{}" })).json()).toBe(name);
    expect(await (await fetch(url, { headers: { accept: "text/html" } })).text()).toContain(url);
  }
  await served.stop();
  expect(stopped.sort()).toEqual(["debian-amd64", "debian-arm64"]);
  await expect(fetch(served.urls["debian-arm64"] as string)).rejects.toThrow();
});

test("where one cannot be started, another one that starts later is stopped as well", async () => {
  const stopped: string[] = [];
  vi.mocked(startImage).mockImplementation(async ({ name }) => {
    if (name === "debian-arm64") throw new Error("not built");
    await turn();
    return { invoke: () => Promise.reject(), stop: async () => void stopped.push(name) };
  });
  await expect(serve(await plan(), options)).rejects.toThrow("not built");
  expect(stopped).toEqual(["debian-amd64"]);
});
