import { expect, test } from "vitest";
import { parse } from "yaml";
import { githubWorkflow } from "../../../../build/ci/github.ts";
import { gitlabPipeline } from "../../../../build/ci/gitlab.ts";
import { jobsOf } from "../../../../build/ci/jobs.ts";
import type { Config } from "../../../../build/config/config.ts";

const config = (deploy: object = { os: "alpine", arch: "arm64" }) =>
  ({
    functions: [{ name: "embed", deploy }],
    os: ["alpine", "debian"],
    arch: ["arm64", "amd64"],
    quantization: ["fp32"],
    flags: {},
  }) as unknown as Config;

test("every cell is a test, and one cell of each function is released", () => {
  const { test: tests, release } = jobsOf(config());
  expect(tests).toHaveLength(4);
  expect(release).toEqual([{ function: "embed", os: "alpine", arch: "arm64", quantization: "fp32" }]);
  expect(() => jobsOf(config({}))).toThrow("Function embed has 4 images");
});

test("the workflow of GitHub: native runners, OIDC for the release alone, and no stored keys", () => {
  const text = githubWorkflow(jobsOf(config()), "1.2.3");
  const { permissions, jobs } = parse(text);
  expect(
    jobs.test.strategy.matrix.include.map(({ arch, runner }: Record<string, string>) => [arch, runner]),
  ).toEqual([
    ["arm64", "ubuntu-24.04-arm"],
    ["amd64", "ubuntu-24.04"],
    ["arm64", "ubuntu-24.04-arm"],
    ["amd64", "ubuntu-24.04"],
  ]);
  expect(permissions).toEqual({ contents: "read" });
  expect(jobs.test.permissions).toBeUndefined();
  expect(jobs.release).toMatchObject({ needs: "test", permissions: { "id-token": "write" } });
  expect(text).toContain("npm install --global mkimage@1.2.3");
  expect(text).not.toMatch(/secrets\.|AWS_ACCESS_KEY|AWS_SECRET/);
});

test("the pipeline of GitLab: the same jobs, OIDC for the release alone", () => {
  const text = gitlabPipeline(jobsOf(config()), "1.2.3");
  const { stages, ".mkimage": base, ...jobs } = parse(text);
  expect(stages).toEqual(["test", "release"]);
  expect(base.before_script).toContain("npm install --global mkimage@1.2.3");
  expect(Object.keys(jobs)).toEqual([
    "test embed alpine-arm64-fp32",
    "test embed alpine-amd64-fp32",
    "test embed debian-arm64-fp32",
    "test embed debian-amd64-fp32",
    "release embed",
  ]);
  expect(jobs["release embed"]).toMatchObject({
    tags: ["saas-linux-medium-arm64"],
    id_tokens: { AWS_TOKEN: { aud: "sts.amazonaws.com" } },
  });
  expect(jobs["test embed alpine-arm64-fp32"].id_tokens).toBeUndefined();
  expect(text).not.toMatch(/AWS_ACCESS_KEY|AWS_SECRET/);
});

test.each(["on", "null", "1e3", "0x10", "007"])("a function named %s is a text in the workflow", (name) => {
  const named = {
    ...config(),
    functions: [{ name, deploy: { os: "alpine", arch: "arm64" } }],
  } as unknown as Config;
  const { jobs } = parse(githubWorkflow(jobsOf(named), "1.2.3"));
  expect(jobs.release.strategy.matrix.include[0].function).toBe(name);
  expect(Object.keys(parse(gitlabPipeline(jobsOf(named), "1.2.3")))).toContain(`release ${name}`);
});
