import type { Fault, Inspection, Rule } from "./rule.ts";

const IMAGES = "https://docs.aws.amazon.com/lambda/latest/dg/images-create.html";
const BUILD = "Build it with: docker buildx build --platform linux/… --provenance=false --sbom=false.";

/** Manifest formats that Lambda supports: Docker's version 2, schema 2, and OCI's. */
const MANIFESTS = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];
const CONFIGS = [
  "application/vnd.oci.image.config.v1+json",
  "application/vnd.docker.container.image.v1+json",
];
const GZIP_LAYERS = [
  "application/vnd.oci.image.layer.v1.tar+gzip",
  "application/vnd.docker.image.rootfs.diff.tar.gzip",
];
const INDEXES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];

function singlePlatform({ packing }: Inspection): Fault[] | undefined {
  if (!packing) return undefined;
  if (!INDEXES.includes(packing.mediaType)) return [];
  const platforms = packing.platforms.length > 0 ? packing.platforms.join(", ") : "no platform";
  return [{ subject: packing.mediaType, what: `is an index, of ${platforms}` }];
}

function mediaTypes({ packing }: Inspection): Fault[] | undefined {
  if (!packing) return undefined;
  const { mediaType, config } = packing;
  const known = [...MANIFESTS, ...INDEXES].includes(mediaType);
  return [
    ...(known ? [] : [{ subject: mediaType, what: "is no media type of a manifest that Lambda takes" }]),
    ...(config === undefined || CONFIGS.includes(config)
      ? []
      : [{ subject: config, what: "is no media type of an image's config" }]),
  ];
}

/** The rules for the form in which an image is stored and sent. */
export const PACKING_RULES: readonly Rule[] = [
  {
    name: "single-platform",
    rule: "One manifest for one platform, no index",
    why: "Lambda refuses an index: the media type is not supported.",
    source: IMAGES,
    cure: BUILD,
    level: "required",
    check: singlePlatform,
  },
  {
    name: "no-attestation",
    rule: "No provenance or SBOM attestation beside the image",
    why: "An attestation makes an index of the image, which Lambda refuses.",
    source: "https://docs.docker.com/build/metadata/attestations/attestation-storage/",
    cure: BUILD,
    level: "required",
    check: ({ packing }) =>
      packing &&
      (packing.attestations > 0
        ? [{ subject: packing.mediaType, what: `has ${packing.attestations} attestations` }]
        : []),
  },
  {
    name: "media-types",
    rule: "Manifest and config of the OCI's or Docker's version 2 format",
    why: "Lambda refuses other media types of a manifest or config.",
    source: IMAGES,
    cure: BUILD,
    level: "required",
    check: mediaTypes,
  },
  {
    name: "gzip-layers",
    rule: "Every layer is a tar packed with gzip",
    why: "Lambda refuses others with UnsupportedImageLayerDetected.",
    source: "https://github.com/bazel-contrib/rules_oci/issues/777",
    cure: "Export it with: --output type=image,compression=gzip,force-compression=true,oci-mediatypes=true.",
    level: "required",
    check: ({ packing }) =>
      packing?.layers.flatMap((type, index) =>
        GZIP_LAYERS.includes(type) ? [] : [{ subject: `layer ${index + 1}`, what: `is ${type}` }],
      ),
  },
];
