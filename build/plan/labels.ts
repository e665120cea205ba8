import { basename } from "node:path";
import { gateFigures } from "../models/repository/gate.ts";
import { type Base, type Image, type PlanFacts, revisionOf } from "./image.ts";
import { layerDigest } from "./variant.ts";

/** What each of an image's models is told by: the default one under the plain names, others with their own in between. */
function modelLabels(models: Image["models"]): Record<string, string> {
  const labels = models.flatMap((model, index) => {
    const own = index === 0 ? "" : `${model.name}.`;
    return [
      [`mkimage.model.${own}digest`, layerDigest(model)],
      ...gateFigures(model).map(([figure, limit]) => [`mkimage.gate.${own}${figure}`, String(limit)]),
    ];
  });
  return Object.fromEntries(labels);
}

/** Says that the program may be restored from a snapshot: its runtime renews what must not be the same twice. */
const SNAPSTART = { "com.amazonaws.lambda.feature.snapstart": "Allow" };

const oci = (key: string, value: string | undefined) =>
  value ? { [`org.opencontainers.image.${key}`]: value } : {};

/** Labels of the base that an image stands on. */
export const baseLabels = ({ reference, digest }: Base): Record<string, string> => ({
  ...oci("base.name", reference),
  ...oci("base.digest", digest),
});

/**
 * Labels of the OCI image specification's annotations, and ours for what the image serves. The version of the project is not
 * one of them: it names the tag, and one image may have several. Those of ours hold nothing of a
 * machine or a clock, and are what an image is compared by later (build/stored-image.ts).
 */
export function labelsOf(image: Omit<Image, "labels">, facts: PlanFacts): Record<string, string> {
  const { models, bases, handler } = image;
  const { revision, source } = revisionOf(facts, image.function);
  const [model] = models;
  const licenses = [...new Set(models.flatMap(({ spec }) => spec.license ?? []))].sort().join(" AND ");
  return {
    ...oci("title", image.function),
    ...oci(
      "description",
      `${models.map(({ name, spec }) => `${name} (${spec.task})`).join(", ")} for AWS Lambda, made by mkimage`,
    ),
    ...oci("revision", revision),
    ...oci("source", source),
    ...oci("licenses", licenses),
    ...baseLabels(bases.os),
    ...SNAPSTART,
    "mkimage.version": facts.tool,
    "mkimage.project": facts.project,
    "mkimage.function": image.function,
    "mkimage.model": model.name,
    "mkimage.task": model.spec.task,
    ...(models.length > 1 ? { "mkimage.models": models.map(({ name }) => name).join(",") } : {}),
    ...(handler && {
      "mkimage.handler": handler.file,
      "mkimage.handler.digest": `sha256:${basename(handler.sources)}`,
    }),
    "mkimage.quantization": image.quantization,
    ...modelLabels(models),
    "mkimage.os": image.os,
    "mkimage.arch": image.arch,
  };
}
