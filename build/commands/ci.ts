import type { Argv } from "yargs";
import { githubWorkflow } from "../ci/github.ts";
import { gitlabPipeline } from "../ci/gitlab.ts";
import { jobsOf } from "../ci/jobs.ts";
import { type MatrixArgs, matrixOptions } from "../command-line/options.ts";
import { loadConfig } from "../config/config.ts";
import { oneOf } from "../known-names.ts";
import { print } from "../output.ts";
import { TOOL_VERSION } from "../tool-root.ts";

const WRITERS = { github: githubWorkflow, gitlab: gitlabPipeline };

export const builder = (yargs: Argv) =>
  matrixOptions(yargs)
    .positional("system", { string: true, description: `One of ${Object.keys(WRITERS).join(", ")}` })
    .example("$0 ci github > .github/workflows/mkimage.yml", "test every cell, release on a tag")
    .example("$0 ci gitlab > .gitlab-ci.yml", "the same for GitLab");

export async function handler(args: MatrixArgs & { system: string }): Promise<void> {
  const system = oneOf("CI system", args.system, Object.keys(WRITERS) as (keyof typeof WRITERS)[]);
  print(WRITERS[system](jobsOf(await loadConfig(args)), TOOL_VERSION));
}
