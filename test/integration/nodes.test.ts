import { join } from "node:path";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { builderDriver } from "../../build/clients/buildx.ts";
import { nodeName, twoNodeBuilder } from "../support/builder.ts";
import { mkimageJson } from "../support/mkimage.ts";
import { makeProject } from "../support/project.ts";

interface Built {
  name: string;
  digest: string;
  configDigest: string;
}

const history = async (...args: string[]): Promise<string[]> =>
  (await execa("docker", ["buildx", "history", ...args])).stdout.split("\n").filter(Boolean);

/** What the current builder is, so that one of the two nodes has most parts. */
async function currentEndpoint(): Promise<{ amd64?: string }> {
  if ((await builderDriver()) !== "remote") return {};
  const { stdout } = await execa("docker", ["buildx", "inspect"]);
  const [, endpoint] = /^Endpoint:\s+(\S+)/m.exec(stdout) ?? [];
  return endpoint ? { amd64: endpoint } : {};
}

test("a builder of two nodes makes each image on the node of its architecture, with the digests of one node", async () => {
  const project = await makeProject();
  onTestFinished(() => project.remove());
  const build = (into: string, env = {}) =>
    mkimageJson<Built[]>(
      ["build", "--frozen", "--os", "debian", "--output", `oci=${join(project.folder, into)}`],
      { cwd: project.folder, env },
    );
  const digests = (built: readonly Built[]) =>
    built.map(({ name, digest, configDigest }) => ({ name, digest, configDigest }));

  const builder = await twoNodeBuilder(await currentEndpoint());
  onTestFinished(builder.remove);
  const started = new Date().toISOString();
  const two = await build("two", builder.env);
  const { BUILDX_BUILDER: name = "" } = builder.env;
  const records = (await history("ls", "--builder", name, "--no-trunc", "--format", "json")).map(
    (line) => JSON.parse(line) as { ref: string; name: string; created_at: string },
  );
  expect(two.map((each) => each.name).sort()).toEqual(["debian-amd64", "debian-arm64"]);
  // The node of amd64 may also build for others meanwhile, and forgets; that of arm64 is this test's own.
  const own = records.filter(
    ({ ref, created_at }) => created_at > started && ref.startsWith(`${name}/${nodeName(builder, "arm64")}/`),
  );
  const images = own.filter((record) => record.name === "system (function)");
  expect(images).toHaveLength(1);
  expect(own.map((record) => record.name)).toEqual(
    expect.arrayContaining(["model (report)", "runtime (program)", "runtime (verifier)"]),
  );
  const id = images[0]?.ref.split("/").at(-1) ?? "";
  const shown = await history("inspect", "--builder", name, id, "--format", "json");
  expect(JSON.parse(shown.join("\n")).Platform).toEqual(["linux/arm64"]);
  expect(digests(two)).toEqual(digests(await build("one")));
});
