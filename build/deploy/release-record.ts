import type { Author, Revision } from "../clients/git.ts";
import type { Variant } from "../plan/variant.ts";
import type { Pushed } from "../registry/push.ts";
import type { Deployed } from "./deploy.ts";

export interface ReleaseFacts {
  readonly revision: Revision;
  /** Undefined outside of a repository. */
  readonly author: Author | undefined;
  readonly tool: string;
}

const modelOf = ({ name, digest, quantization, spec, report }: Variant) => ({
  name,
  task: spec.task,
  /** Of its files and of what the project asks of it: `models/lock.json` has them. */
  digest,
  quantization,
  ...(report && { accuracy: report.figures }),
});

/** What was released: digests, figures, and from which commit. Pure. */
export const releaseRecord = (
  released: readonly { readonly pushed: Pushed; readonly deployed: Deployed }[],
  { revision, author, tool }: ReleaseFacts,
) => ({
  mkimage: tool,
  revision: revision.revision ?? null,
  source: revision.source ?? null,
  committed: revision.epoch > 0 ? new Date(revision.epoch * 1000).toISOString() : null,
  author: author ?? null,
  functions: released.map(({ pushed, deployed }) => ({
    function: pushed.function,
    arn: deployed.arn,
    version: deployed.version,
    weight: deployed.weight,
    before: deployed.before ?? null,
    changed: deployed.changed,
    reference: pushed.remote,
    tag: pushed.tag,
    digest: pushed.digest,
    configDigest: pushed.configDigest,
    platform: pushed.platform,
    os: pushed.os,
    test: pushed.testDigest,
    models: pushed.models.map(modelOf),
    bases: pushed.bases,
    figures: deployed.figures ?? null,
  })),
});
