import { expect, test } from "vitest";
import { ContainerRegistry } from "../../../../build/clients/container-registry.ts";
import { findHeld } from "../../../../build/registry/held.ts";
import { fakeRegistry } from "../clients/fake-registry.ts";

const { signal } = new AbortController();
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const about = (subject: string, artifactType: string, predicate: string) => ({
  artifactType,
  subject: { digest: subject },
  annotations: { "in-toto.io/predicate-type": predicate },
});

test("an image is told with what refers to it, in each registry that has it", async () => {
  const [with_, without] = [await fakeRegistry(), await fakeRegistry()];
  const image = with_.hold({ schemaVersion: 2, mediaType: MANIFEST });
  const sbom = with_.hold(about(image, "application/spdx+json", "https://spdx.dev/Document"));
  with_.hold(about(image, "application/vnd.example.signature", "https://example.com"));
  const destinations = [without, with_].map(({ host }) => ({
    registry: new ContainerRegistry({ host, path: "team" }, { signal, isImmutable: () => true, tagRule: "" }),
  }));
  const held = await findHeld({ repository: "embed" }, image, { destinations, signal });
  expect(held).toEqual([{ reference: `${with_.host}/team/embed@${image}`, attestations: { sbom } }]);
  const writing = [...with_.asked, ...without.asked].filter((asked) => !asked.startsWith("GET "));
  expect(writing).toEqual([]);
});
