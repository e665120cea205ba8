import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { expect } from "vitest";
import { compareVector } from "../../build/smoke/checks/feature-extraction.ts";
import { MODEL } from "./project.ts";

/**
 * Calls a function by its alias `live`: fails unless the answer is the right embedding.
 * @param folder of the project that the function is of
 * @returns the version that has answered
 */
export async function expectAliasAnswer(
  lambda: LambdaClient,
  name: string,
  folder: string,
): Promise<string | undefined> {
  const spec = JSON.parse(await readFile(join(folder, `models/${MODEL}.json`), "utf8"));
  const [{ inputs, expected }] = spec.samples;
  const Payload = JSON.stringify({ inputs });
  const reply = await lambda.send(new InvokeCommand({ FunctionName: name, Qualifier: "live", Payload }));
  const body = Buffer.from(reply.Payload ?? []).toString();
  expect(reply.FunctionError, body).toBeUndefined();
  compareVector(JSON.parse(body), expected, spec);
  return reply.ExecutedVersion;
}
