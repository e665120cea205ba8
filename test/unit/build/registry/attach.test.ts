import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import type { BakeFile } from "../../../../build/bake/bake.ts";
import { runBake } from "../../../../build/clients/buildx.ts";
import type { Repository } from "../../../../build/clients/repository.ts";
import { attestationsOf } from "../../../../build/config/attestations.ts";
import { attach } from "../../../../build/registry/attach.ts";
import type { Pushed } from "../../../../build/registry/push.ts";
import { imageOf } from "../../../support/plan-facts.ts";
import { refusal } from "../../../support/refusal.ts";
import { fakeRegistry } from "../clients/fake-registry.ts";

vi.mock("../../../../build/clients/buildx.ts", () => ({
  runBake: vi.fn(),
  builderNodes: async () => 1,
  baseParts: () => [],
}));
const bake = vi.mocked(runBake);
const { signal } = new AbortController();
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const SPDX = { spdxVersion: "SPDX-2.3", packages: [{ name: "musl" }] };

beforeEach(() => {
  bake.mockReset();
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
});

const hex = (letter: string) => letter.repeat(64);

/** A layout as BuildKit writes it: an index with the image, and beside it the statements about it. */
async function writeLayout(layout: string, image: string, kinds: readonly string[]): Promise<void> {
  const blobs = join(layout, "blobs/sha256");
  await mkdir(blobs, { recursive: true });
  const put = (name: string, content: object) => writeFile(join(blobs, name), JSON.stringify(content));
  const types: Record<string, [string, object]> = {
    sbom: ["https://spdx.dev/Document", SPDX],
    provenance: ["https://slsa.dev/provenance/v1", { buildDefinition: {} }],
  };
  const rows = kinds.map((kind, at) => [...(types[kind] as [string, object]), hex(String(at + 2))] as const);
  for (const [predicateType, predicate, name] of rows) {
    await put(name, { _type: "https://in-toto.io/Statement/v1", predicateType, subject: [], predicate });
  }
  const layers = rows.map(([type, , name]) => ({
    digest: `sha256:${name}`,
    annotations: { "in-toto.io/predicate-type": type },
  }));
  await put(hex("1"), { layers });
  const about = { "vnd.docker.reference.digest": image };
  await put(hex("0"), {
    manifests: [{ digest: image }, { digest: `sha256:${hex("1")}`, annotations: about }],
  });
  await writeFile(
    join(layout, "index.json"),
    JSON.stringify({ manifests: [{ digest: `sha256:${hex("0")}` }] }),
  );
}

/** A registry that holds an image, and what a push knows of it. */
async function pushedImage(setup: Parameters<typeof fakeRegistry>[0] = {}) {
  const registry = await fakeRegistry(setup);
  const digest = registry.hold({ schemaVersion: 2, mediaType: MANIFEST });
  const image = await imageOf();
  const uri = `${registry.host}/team/embed`;
  const pushed = { ...image, digest, configDigest: digest, remote: `${uri}@${digest}` } as Pushed;
  const repository: Repository = {
    name: "team/embed",
    host: registry.host,
    uri,
    insecure: false,
    isImmutable: () => false,
    tagRule: "",
  };
  const repositories = new Map([[pushed.repository, repository]]);
  bake.mockImplementation(async (file: BakeFile) => {
    const target = file.target[pushed.target];
    const [, layout = ""] = /dest=([^,]*)/.exec(target?.output?.[0] ?? "") ?? [];
    const wanted = ["sbom", "provenance"].filter((kind) =>
      target?.attest?.some((each) => each.startsWith(`type=${kind}`) && !each.includes("disabled")),
    );
    await writeLayout(layout, digest, wanted);
    return {};
  });
  const run = (wanted: { sbom?: boolean; provenance?: boolean }) =>
    attach([pushed], {
      wanted: attestationsOf(undefined, wanted),
      registry: { findLogin: async () => ({ from: "aws", basic: "QVdTOng=" }) },
      repositories,
      signal,
      secrets: [],
    });
  return { registry, digest, pushed, run };
}

test("nothing is asked for, nothing is done", async () => {
  const { registry, pushed, run } = await pushedImage();
  expect(await run({})).toEqual([pushed]);
  expect(registry.asked).toEqual([]);
  expect(bake).not.toHaveBeenCalled();
});

test.each([{ referrers: true }, { referrers: false }])(
  "what is lacking is made, in a registry with referrers: $referrers; the rest stays",
  async (setup) => {
    const { registry, digest, run } = await pushedImage(setup);
    const [first] = await run({ sbom: true });
    expect(Object.keys(first?.attestations ?? {})).toEqual(["sbom"]);
    const [both] = await run({ sbom: true, provenance: true });
    expect(both?.attestations?.sbom, "the SBOM of the first time").toBe(first?.attestations?.sbom);
    const [again] = await run({ sbom: true, provenance: true });
    expect(again).toEqual(both);
    expect(bake).toHaveBeenCalledTimes(2);
    const artifact = (kind: "sbom" | "provenance") => {
      const found = registry.manifests.get(both?.attestations?.[kind] ?? "");
      return JSON.parse(found?.content.toString() ?? "{}");
    };
    const content = ({ layers }: { layers: { digest: string }[] }) =>
      JSON.parse(registry.blobs.get(layers[0]?.digest ?? "")?.toString() ?? "{}");
    expect(artifact("sbom")).toMatchObject({ artifactType: "application/spdx+json", subject: { digest } });
    expect(content(artifact("sbom")), "the document, without the statement around it").toEqual(SPDX);
    expect(artifact("provenance")).toMatchObject({
      artifactType: "application/vnd.in-toto+json",
      subject: { digest },
      annotations: { "in-toto.io/predicate-type": "https://slsa.dev/provenance/v1" },
    });
    expect(content(artifact("provenance"))).toMatchObject({
      predicateType: "https://slsa.dev/provenance/v1",
    });
  },
);

test("build arguments stay out of the provenance, and the scanner is the one of mkimage.json", async () => {
  const { pushed, run } = await pushedImage();
  await run({ sbom: true, provenance: true });
  expect(bake.mock.calls[0]?.[0].target[pushed.target]?.attest).toEqual([
    "type=provenance,mode=min",
    "type=sbom,generator=docker/buildkit-syft-scanner:stable-1",
  ]);
  const file = { sbom: true, provenance: true, scanner: "scan@sha256:1" };
  expect(attestationsOf(file, { sbom: false })).toEqual({ ...file, sbom: false });
});

test("statements about another image are not attached to this one: exit 1", async () => {
  const { registry, run } = await pushedImage();
  bake.mockImplementation(async (file: BakeFile) => {
    const output = Object.values(file.target).flatMap((target) => target.output ?? []);
    const [, layout = ""] = /dest=([^,]*)/.exec(output.find((each) => each.includes("dest=")) ?? "") ?? [];
    await writeLayout(layout, `sha256:${hex("f")}`, ["sbom"]);
    return {};
  });
  const error = await refusal(() => run({ sbom: true }));
  expect(error.exitCode).toBe(1);
  expect(error.message).toContain("changed after its push");
  expect(registry.blobs.size).toBe(0);
});
