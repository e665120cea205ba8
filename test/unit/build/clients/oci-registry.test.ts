import { describe, expect, test } from "vitest";
import { OCI_MANIFEST, OciRepository } from "../../../../build/clients/oci-registry.ts";
import { refusal } from "../../../support/refusal.ts";
import { type Fault, fakeRegistry } from "./fake-registry.ts";

const LOGIN = Buffer.from("AWS:secret").toString("base64");
const { signal } = new AbortController();
const CONTENT = Buffer.from("what is sent");

const repositoryOn = (host: string) => ({
  name: "team/embed",
  host,
  uri: `${host}/team/embed`,
  insecure: false,
  isImmutable: () => false,
  tagRule: "",
});

const repositoryAt = (host: string, token?: string) =>
  new OciRepository(repositoryOn(host), token ? { from: "docker", basic: token } : undefined, {
    signal,
    wait: 1,
  });

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
  expect(error.message).toBe(`Cannot look up an image of ${registry.host}: it answers 401 (REFUSED)`);
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

test.each([
  { fault: 403, login: LOGIN, hint: "push to it; for others: docker login 127.0.0.1" },
  { fault: 403, hint: "Docker has no login for it: docker login 127.0.0.1" },
  { fault: { status: 401, code: "UNAUTHORIZED" }, hint: "Docker has no login for it" },
  { fault: { status: 401, code: "DENIED" }, login: LOGIN, hint: "Check that these credentials may read" },
  {
    fault: { status: 404, code: "NAME_UNKNOWN" },
    hint: 'no repository "team/embed" and makes none by a push',
  },
  { fault: { status: 400, code: "NAME_INVALID" }, exitCode: 2, hint: 'does not take "team/embed"' },
] as const)(
  "$fault is not tried again, and says what to do",
  async ({ fault, hint, exitCode = 3, ...rest }) => {
    const { login } = { login: undefined, ...rest };
    const registry = await fakeRegistry({
      ...(login && { login }),
      fault: (asked) => (asked.startsWith("POST") ? fault : undefined),
    });
    const error = await refusal(() => repositoryAt(registry.host, login).checkUpload());
    expect(error).toMatchObject({ exitCode, hint: expect.stringContaining(hint) });
    const { status, code = "REFUSED" } = typeof fault === "object" ? fault : { status: fault };
    expect(error.message).toBe(`Cannot push to ${registry.host}: it answers ${status} (${code})`);
    const tries = registry.asked.filter((line) => line.startsWith("POST"));
    expect(tries, "once more where a login may help").toHaveLength(login ? 2 : 1);
  },
);

test("a registry that asks for user and password, and one that says 403 to those without a name", async () => {
  for (const challenge of ["basic", "forbidden"] as const) {
    const registry = await fakeRegistry({ login: LOGIN, challenge });
    const image = registry.hold({ schemaVersion: 2 });
    await sendArtifact(repositoryAt(registry.host, LOGIN), image);
    expect(await repositoryAt(registry.host, LOGIN).listReferrers(image)).toHaveLength(1);
    const error = await refusal(() => repositoryAt(registry.host, "b3RoZXI=").findImage("1.0"));
    expect(error.exitCode).toBe(3);
  }
});

test("a login that is a token of its own is exchanged, and is not sent to the registry", async () => {
  const registry = await fakeRegistry({ login: LOGIN, refresh: "own-token" });
  const image = registry.hold({ schemaVersion: 2, layers: [{ size: 3 }, { size: 4 }] });
  const found = await new OciRepository(
    repositoryOn(registry.host),
    { from: "docker", refresh: "own-token" },
    { signal, wait: 1 },
  ).findImage(image);
  expect(found).toEqual({ digest: image, mediaType: OCI_MANIFEST, size: 7 });
  expect(registry.asked).toContain("POST /token");
});

const PAGE = "<html>Log in to the network</html>";

test.each([
  { answer: PAGE },
  { answer: "null" },
  { answer: '{"layers":5}' },
  { answer: '{"layers":[null]}' },
  { answer: '{"config":"secret"}' },
])("$answer in place of a manifest: exit 3, at once, without what it is", async ({ answer }) => {
  const registry = await fakeRegistry({ fault: () => ({ says: answer }) });
  for (const ask of ["findImage", "findArchitecture"] as const) {
    const error = await refusal(() => repositoryAt(registry.host)[ask]("1.0"));
    expect(error).toMatchObject({ exitCode: 3, hint: expect.stringContaining("a proxy may answer") });
    expect(error.message).toBe(
      `Cannot look up an image of ${registry.host}: what ${registry.host} answers is not that of a registry`,
    );
  }
  expect(registry.asked).toHaveLength(2);
});

test("another content than the one of a digest: exit 3, and nothing is made to refer to it", async () => {
  const registry = await fakeRegistry({
    fault: (asked) => (asked.includes("/manifests/") ? { says: '{"schemaVersion":2}' } : undefined),
  });
  const image = `sha256:${"a".repeat(64)}`;
  const error = await refusal(() => sendArtifact(repositoryAt(registry.host), image));
  expect(error.exitCode).toBe(3);
  expect(error.message).toContain(`it gives another content for ${image}`);
  expect(registry.asked).toHaveLength(1);
});

test.each([PAGE, "null", "{}", '{"token":5}', '{"token":"secret\\nx"}'])(
  "%s in place of a token: exit 3, at once, without what it is",
  async (tokenAnswer) => {
    const registry = await fakeRegistry({ login: LOGIN, tokenAnswer });
    const error = await refusal(() => repositoryAt(registry.host, LOGIN).checkUpload());
    expect(error.exitCode).toBe(3);
    expect(error.message).toContain("is not that of a registry");
    expect(error.message).not.toContain("secret");
    expect(registry.asked.filter((line) => line.endsWith("/token"))).toHaveLength(1);
  },
);

test.each(["ftp://x/token", "file:///token", "http://user:secret@127.0.0.1/token", "token"])(
  "%s as the place of tokens is not asked: exit 3",
  async (realm) => {
    const headers = { "www-authenticate": `Bearer realm="${realm}"` };
    const registry = await fakeRegistry({ fault: () => ({ says: "", status: 401, headers }) });
    const error = await refusal(() => repositoryAt(registry.host).checkUpload());
    expect(error.message).toBe(`Cannot push to ${registry.host}: it answers 401`);
    expect(registry.asked).toHaveLength(1);
  },
);

test.each(["http://[", "ftp://x/upload", "http://user:secret@127.0.0.1/upload"])(
  "%s as the place of an upload is not used: exit 3",
  async (location) => {
    const registry = await fakeRegistry({
      fault: (asked) =>
        asked.startsWith("POST") ? { says: "", status: 202, headers: { location } } : undefined,
    });
    const error = await refusal(() => repositoryAt(registry.host).uploadBlob(CONTENT));
    expect(error.exitCode).toBe(3);
    expect(error.message).toMatch(/takes an upload and does not say where$/);
  },
);

test("an answer without an end is not read to it, and a long refusal is told in short", async () => {
  const registry = await fakeRegistry({ fault: () => "endless" });
  const repository = repositoryAt(registry.host);
  const endless = await refusal(() => repository.findImage("1.0"));
  expect(endless.message).toMatch(/^The answer of \S+ is larger than 17 MB/);
  const refused = await refusal(() => repository.checkUpload());
  expect(refused.message).toBe(`Cannot push to ${registry.host}: it answers 400`);
  const says = JSON.stringify({ errors: [{ code: "DENIED", message: "x".repeat(3000) }] });
  const long = await fakeRegistry({ fault: () => ({ says, status: 400 }) });
  const { message } = await refusal(() => repositoryAt(long.host).checkUpload());
  expect(message).toContain("DENIED: xxx");
  expect(message.length).toBeLessThan(700);
});

test("an upload that was only asked for is taken back", async () => {
  const registry = await fakeRegistry();
  await repositoryAt(registry.host).checkUpload();
  expect(registry.asked).toEqual([
    "POST /v2/team/embed/blobs/uploads/",
    "DELETE /v2/team/embed/blobs/uploads/1",
  ]);
});

test("a registry that speaks plain HTTP elsewhere than on this machine: exit 3, which says so", async () => {
  const registry = await fakeRegistry();
  // A name of this machine that is not known for one, as a registry's in a network is.
  const host = registry.host.replace("127.0.0.1", "0.0.0.0");
  const error = await refusal(() => repositoryAt(host).findImage("1.0"));
  expect(error).toMatchObject({ exitCode: 3, hint: expect.stringContaining("HTTPS") });
  expect(error.message).toBe(`Cannot look up an image of ${host}: it does not speak TLS`);
});

test("a host that does not exist: exit 3, which names it", async () => {
  const error = await refusal(() => repositoryAt("registry.invalid").checkUpload());
  expect(error.exitCode).toBe(3);
  expect(error.message).toContain("registry.invalid");
});
