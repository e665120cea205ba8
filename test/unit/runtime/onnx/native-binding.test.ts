import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { tinyOnnx } from "../../../support/tiny-onnx.ts";

const RUNTIME = join(import.meta.dirname, "../../../../runtime");

/** Loads a model in a process of its own, at a new home. */
async function load(env: Readonly<Record<string, string | undefined>>) {
  const home = mkdtempSync(join(tmpdir(), "mkimage-ort-"));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const graph = join(home, "model.onnx");
  writeFileSync(graph, tinyOnnx());
  const program = `
    const { nativeSession } = await import(${JSON.stringify(join(RUNTIME, "ort.ts"))});
    nativeSession().loadModel(${JSON.stringify(graph)}, {});
    console.log(process.env.ORT_DISABLE_TELEMETRY);`;
  // It reports nothing either where it sees that it is in a CI.
  const { stdout, stderr } = await execa(process.execPath, ["--input-type=module", "--eval", program], {
    env: { PATH: process.env["PATH"], HOME: home, ...env },
    extendEnv: false,
  });
  return { said: stdout, stderr, left: readdirSync(home).filter((name) => name !== "model.onnx") };
}

test("nothing is reported to the makers of ONNX Runtime, and no id of this machine kept", async () => {
  expect(await load({})).toEqual({ said: "1", stderr: "", left: [] });
});

test("whoever wants that may say so", async () => {
  const { said } = await load({ ORT_DISABLE_TELEMETRY: "true" });
  expect(said).toBe("true");
});
