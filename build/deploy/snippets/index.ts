import type { Target } from "../target.ts";
import { cdkSnippet } from "./cdk.ts";
import { samSnippet } from "./sam.ts";
import { serverlessSnippet } from "./serverless.ts";
import { terraformSnippet } from "./terraform.ts";

/** What a function is as text for other tools, which then deploy it by digest: a new tool is one row. Pure. */
export const SNIPPETS = {
  cdk: cdkSnippet,
  terraform: terraformSnippet,
  sam: samSnippet,
  serverless: serverlessSnippet,
} as const satisfies Readonly<Record<string, (target: Target) => string>>;
