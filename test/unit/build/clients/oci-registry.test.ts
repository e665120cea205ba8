import { describe, expect, test } from "vitest";
import { OCI_MANIFEST, OciRepository } from "../../../../build/clients/oci-registry.ts";
import { refusal } from "../../../support/refusal.ts";
import { type Fault, fakeRegistry } from "./fake-registry.ts";

const LOGIN = Buffer.from("AWS:secret").toString("base64");
const { signal } = new AbortController();
const CONTENT = Buffer.from("what is sent");

const repositoryAt = (host: string, token?: string) =>
  new OciRepository(
    {
      name: "team/embed",
      account: "123456789012",
      host,
      uri: `${host}/team/embed`,
      insecure: false,
      isImmutable: () => false,
    },
    token,
    { signal, wait: 1 },
  );

/** Sends an artifact about an image, as a push does. */
async function sendArtifact(repository: OciRepository, image: string, mark = "a") {
  const subject = await repository.findManifest(image);
  const digest = await repository.uploadBlob(CONTENT);
  const layers = [{ mediaType: "text/plain", digest, size: CONTENT.length }];
  const manifest = { schemaVersion: 2, artifactType: "text/plain", layers, subject, annotations: { mark } };
  await repository.putReferrers(image, [{ ...manifest, mediaType: OCI_MANIFEST }]);
}

describe.each([{ referrers: true }, { referrers: false }])("a registry with referrers: $referrers", (has) => {
  test("lists what refers to an image, each once, and keeps the image as it is", async () => {
    const registry = await fakeRegistry(has);
    const image = registry.hold({ schemaVersion: 2, mediaType: OCI_MANIFEST });
    const repository = repositoryAt(registry.host);
    expect(await repository.listReferrers(image)).toEqual([]);
    for (const mark of ["a", "b", "a"]) await sendArtifact(repository, image, mark);
    const listed = await repository.listReferrers(image);
    expect(listed.map(({ annotations }) => annotations?.["mark"]).sort()).toEqual(["a", "b"]);
    expect(listed.every(({ artifactType }) => artifactType === "text/plain")).toBe(true);
    expect([...registry.blobs.values()]).toEqual([CONTENT]);
    expect((await repository.findManifest(image))?.digest).toBe(image);
    const tag = image.replace(":", "-");
    expect(registry.manifests.has(tag), "the tag that stands in for the list").toBe(!has.referrers);
  });
});

test("a token is asked for where the registry wants one, and again when it has expired", async () => {
  const registry = await fakeRegistry({ login: LOGIN, requestsPerToken: 2 });
  const image = registry.hold({ schemaVersion: 2 });
  const repository = repositoryAt(registry.host, LOGIN);
  await sendArtifact(repository, image);
  expect(await repository.listReferrers(image)).toHaveLength(1);
  expect(registry.asked.filter((line) => line === "GET /token").length).toBeGreaterThan(1);
});

test("credentials that the registry refuses: exit 3, at once", async () => {
  const registry = await fakeRegistry({ login: LOGIN });
  const error = await refusal(() => repositoryAt(registry.host, "b3RoZXI=").findManifest("1.0"));
  expect(error).toMatchObject({ exitCode: 3, hint: expect.stringContaining("credentials") });
  expect(error.message).toBe(`Cannot look up an image of ${registry.host}: it answers 401`);
  expect(registry.asked).toEqual(["GET /v2/team/embed/manifests/1.0", "GET /token"]);
});

const STEPS = [
  "GET /v2/team/embed/manifests/DIGEST",
  "HEAD /v2/team/embed/blobs/DIGEST",
  "POST /v2/team/embed/blobs/uploads/",
  "PUT /v2/team/embed/blobs/uploads/N",
  "PUT /v2/team/embed/manifests/DIGEST",
];
const FAULTS: Fault[] = [429, 500, 503, "cut", "lost"];

test.each(STEPS.flatMap((step) => FAULTS.map((fault) => ({ step, fault }))))(
  "$fault at the first `$step`: it is done all the same, once",
  async ({ step, fault }) => {
    const registry = await fakeRegistry({
      fault: (asked, count) => (asked === step && count === 1 ? fault : undefined),
    });
    const image = registry.hold({ schemaVersion: 2 });
    await sendArtifact(repositoryAt(registry.host), image);
    expect(await repositoryAt(registry.host).listReferrers(image)).toHaveLength(1);
  },
);

test.each([
  { fault: 500 as const, says: "it answers 500" },
  { fault: "cut" as const, says: "Cannot send a content to" },
])("$fault without end: exit 3, and nothing refers to the image", async ({ fault, says }) => {
  const registry = await fakeRegistry({ fault: (asked) => (asked.startsWith("PUT") ? fault : undefined) });
  const image = registry.hold({ schemaVersion: 2 });
  const error = await refusal(() => sendArtifact(repositoryAt(registry.host), image));
  expect(error.exitCode).toBe(3);
  expect(error.message).toContain(says);
  expect(await repositoryAt(registry.host).listReferrers(image)).toEqual([]);
});

test("a refusal is not tried again", async () => {
  const registry = await fakeRegistry({ fault: (asked) => (asked.startsWith("POST") ? 403 : undefined) });
  const image = registry.hold({ schemaVersion: 2 });
  const error = await refusal(() => sendArtifact(repositoryAt(registry.host), image));
  expect(error).toMatchObject({ exitCode: 3, hint: expect.stringContaining("push to it") });
  expect(registry.asked.filter((line) => line.startsWith("POST"))).toHaveLength(1);
});
