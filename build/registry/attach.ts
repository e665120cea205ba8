import { type AttestOptions, makeStatements, type Statement } from "../builder/attestations.ts";
import { type ContentDescriptor, OCI_MANIFEST, OciRepository } from "../clients/oci-registry.ts";
import type { ImageRegistry } from "../clients/repository.ts";
import type { Attestations } from "../config/attestations.ts";
import { say } from "../output.ts";
import { type Pushed, pushTag, repositoryOf } from "./push.ts";
import type { Repositories } from "./repositories.ts";

const PREDICATE = "in-toto.io/predicate-type";
const EMPTY = Buffer.from("{}");

type Kind = Exclude<keyof Attestations, "scanner">;

interface KindRow {
  readonly predicate: RegExp;
  readonly artifactType: string;
  /** What tools such as oras call the file when they fetch it. */
  readonly file: string;
}

/** How each kind is told among the artifacts that refer to an image. */
const KINDS: Readonly<Record<Kind, KindRow>> = {
  /** The document itself, which is what scanners and viewers look for. */
  sbom: {
    predicate: /^https:\/\/spdx\.dev\/Document/,
    artifactType: "application/spdx+json",
    file: "sbom.spdx.json",
  },
  /** The whole statement, which names the image that it is about. */
  provenance: {
    predicate: /^https:\/\/slsa\.dev\/provenance\//,
    artifactType: "application/vnd.in-toto+json",
    file: "provenance.json",
  },
};
const KIND_NAMES = Object.keys(KINDS) as Kind[];

const kindOf = (predicateType: string): Kind | undefined =>
  KIND_NAMES.find((kind) => KINDS[kind].predicate.test(predicateType));

/** The kind of an artifact that a registry lists; undefined for one of others. */
function listedKind({ artifactType, annotations }: ContentDescriptor): Kind | undefined {
  const kind = kindOf(annotations?.[PREDICATE] ?? "");
  return kind && KINDS[kind].artifactType === artifactType ? kind : undefined;
}

/** What is sent of a statement: of an SBOM the document alone. */
const contentOf = (kind: Kind, { content }: Statement): Buffer<ArrayBuffer> =>
  kind === "sbom" ? Buffer.from(JSON.stringify(JSON.parse(content.toString()).predicate)) : content;

/** Digests of the artifacts about an image, by what they are. */
export type Attached = NonNullable<Pushed["attestations"]>;

interface AttachOptions extends Omit<AttestOptions, "nameOf"> {
  readonly registry: Pick<ImageRegistry, "findLogin">;
  readonly repositories: Repositories;
}

/** Sends statements about an image as artifacts that have it as their subject. The image stays as it is. */
async function send(
  image: Pushed,
  statements: readonly Statement[],
  to: OciRepository,
): Promise<ContentDescriptor[]> {
  const subject = await to.findManifest(image.digest);
  const config = await to.uploadBlob(EMPTY);
  const manifests: object[] = [];
  for (const statement of statements) {
    const kind = kindOf(statement.predicateType);
    if (!kind) continue;
    const { artifactType, file } = KINDS[kind];
    const content = contentOf(kind, statement);
    const layer = {
      mediaType: artifactType,
      digest: await to.uploadBlob(content),
      size: content.length,
      annotations: { "org.opencontainers.image.title": file },
    };
    manifests.push({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      artifactType,
      config: { mediaType: "application/vnd.oci.empty.v1+json", digest: config, size: EMPTY.length },
      layers: [layer],
      subject,
      annotations: { [PREDICATE]: statement.predicateType },
    });
  }
  return to.putReferrers(image.digest, manifests);
}

const byKind = (artifacts: readonly ContentDescriptor[]): Attached =>
  Object.fromEntries(
    artifacts.flatMap((artifact) => {
      const kind = listedKind(artifact);
      return kind ? [[kind, artifact.digest]] : [];
    }),
  );

/** What a repository has about an image, by its digest. */
export const findAttached = async (at: OciRepository, digest: string): Promise<Attached> =>
  byKind(await at.listReferrers(digest));

/**
 * Gives pushed images what is wanted about them, as artifacts that refer to their digests (OCI 1.1). What the registry has
 * already is not made again.
 * @throws UserError (exit 3) when the registry refuses it
 */
export async function attach(
  pushed: readonly Pushed[],
  { wanted, registry, repositories, ...options }: AttachOptions,
): Promise<Pushed[]> {
  const kinds = KIND_NAMES.filter((kind) => wanted[kind]);
  if (kinds.length === 0) return [...pushed];
  const login = await registry.findLogin();
  const places = pushed.map((image) => new OciRepository(repositoryOf(image, repositories), login, options));
  const has = await Promise.all(places.map((place, at) => findAttached(place, pushed[at]?.digest ?? "")));
  const lacking = pushed.filter((_, at) => kinds.some((kind) => !has[at]?.[kind]));
  if (lacking.length > 0)
    say(`stating what ${lacking.length === 1 ? "the image is" : `${lacking.length} images are`} made of`);
  const nameOf = (image: Parameters<typeof pushTag>[0]) =>
    `${repositoryOf(image, repositories).uri}:${pushTag(image)}`;
  const statements = lacking.length > 0 ? await makeStatements(lacking, { ...options, wanted, nameOf }) : [];
  const all: Pushed[] = [];
  for (const [at, image] of pushed.entries()) {
    const there = has[at] ?? {};
    const made = (statements[lacking.indexOf(image)] ?? []).filter(({ predicateType }) => {
      const kind = kindOf(predicateType);
      return kind !== undefined && !there[kind];
    });
    const sent = made.length > 0 ? byKind(await send(image, made, places[at] as OciRepository)) : {};
    const attestations = { ...there, ...sent };
    for (const kind of kinds)
      say(`${sent[kind] ? "attached" : "already there:"} ${kind} ${attestations[kind]} to ${image.remote}`);
    all.push({ ...image, attestations });
  }
  return all;
}
