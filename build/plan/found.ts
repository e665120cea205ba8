import type { Base, Image } from "./image.ts";
import { baseLabels } from "./labels.ts";
import type { ModelReport } from "./model-report.ts";
import type { Variant } from "./variant.ts";

/** What the builder found when it made the parts of a plan. */
export interface Found {
  /** By the model's target. */
  readonly reports: Readonly<Record<string, ModelReport>>;
  /** Reference → digest, of bases that had none. */
  readonly digests: Readonly<Record<string, string>>;
}

/** References of the bases whose digests are not known, each once. */
export const openBases = (images: readonly Image[]): string[] => [
  ...new Set(
    images
      .flatMap(({ bases }) => Object.values(bases) as Base[])
      .flatMap(({ reference, digest }) => (digest ? [] : [reference])),
  ),
];

/** A plan with what was found for it. Pure. */
export function withFound(images: readonly Image[], { reports, digests }: Found): Image[] {
  const found = ({ reference, digest = digests[reference] }: Base): Base => ({ reference, digest });
  return images.map((image) => {
    const { glibc, node, os, python, rie } = image.bases;
    const bases = {
      os: found(os),
      node: found(node),
      python: found(python),
      ...(rie && { rie: found(rie) }),
      ...(glibc && { glibc: found(glibc) }),
    };
    const [first, ...others] = image.models;
    const reported = (variant: Variant) => ({ ...variant, report: reports[variant.target] });
    return {
      ...image,
      bases,
      models: [reported(first), ...others.map(reported)],
      labels: { ...image.labels, ...baseLabels(bases.os) },
    };
  });
}
