import { isDeepStrictEqual } from "node:util";
import type { CreationSettings } from "../clients/ecr.ts";
import type { EcrSettings, RepositoryState, Wanted } from "../clients/ecr-settings.ts";
import { type EcrConfig, exclusionsOf } from "../config/ecr.ts";
import { UserError } from "../errors.ts";
import { say } from "../output.ts";

/** A field of `ecr` in mkimage.json in which a repository differs. */
export interface SettingChange {
  readonly field: keyof EcrConfig;
  readonly from: string;
  readonly to: string;
}

/** Of the statement for other accounts' functions, in the repository's policy. */
const SID = "MkimageLambdaAccounts";

interface Statement {
  readonly Sid?: string;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#configuration-images-xaccount-permissions */
const lambdaStatements = (accounts: readonly string[]): Statement[] => [
  {
    Sid: SID,
    Effect: "Allow",
    Principal: { AWS: accounts.map((account) => `arn:aws:iam::${account}:root`) },
    Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
  } as Statement,
  {
    Sid: `${SID}Functions`,
    Effect: "Allow",
    Principal: { Service: "lambda.amazonaws.com" },
    Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    Condition: {
      StringLike: { "aws:sourceArn": accounts.map((account) => `arn:aws:lambda:*:${account}:function:*`) },
    },
  } as Statement,
];

/** A repository's policy with the statements for other accounts; those that others have written stay. Pure. */
export function withLambdaAccounts(policy: string | undefined, accounts: readonly string[]): string {
  const { Statement = [], ...rest } = policy
    ? (JSON.parse(policy) as { Statement?: Statement[] })
    : { Version: "2012-10-17" };
  const others = [Statement].flat().filter(({ Sid = "" }) => !Sid.startsWith(SID));
  return JSON.stringify({ ...rest, Statement: [...others, ...lambdaStatements(accounts)] });
}

const mutabilityOf = (config: EcrConfig) => {
  const filters = exclusionsOf(config);
  const mode = config.tagMutability === "immutable" ? "IMMUTABLE" : "MUTABLE";
  return {
    imageTagMutability: filters.length > 0 ? (`${mode}_WITH_EXCLUSION` as const) : mode,
    ...(filters.length > 0 && {
      imageTagMutabilityExclusionFilters: filters.map((filter) => ({
        filterType: "WILDCARD" as const,
        filter,
      })),
    }),
  } as const;
};

/** What ECR is told when it creates a repository. Pure. */
export const creationSettings = (config: EcrConfig): CreationSettings => ({
  ...mutabilityOf(config),
  imageScanningConfiguration: { scanOnPush: config.scanOnPush },
  ...(config.encryption && { encryptionConfiguration: { encryptionType: "KMS", kmsKey: config.encryption } }),
  ...(config.tags && { tags: Object.entries(config.tags).map(([Key, Value]) => ({ Key, Value })) }),
});

/** What has to be read of a repository to compare it. */
export const wantedOf = ({ lifecyclePolicy, lambdaAccounts, tags }: EcrConfig): Wanted => ({
  lifecycle: lifecyclePolicy !== undefined,
  policy: lambdaAccounts !== undefined,
  tags: tags !== undefined,
});

const sameJson = (a: string | undefined, b: string): boolean =>
  a !== undefined && isDeepStrictEqual(JSON.parse(a), JSON.parse(b));

/** The fields of mkimage.json in which a repository differs. Pure. */
export function settingChanges(state: RepositoryState, config: EcrConfig): SettingChange[] {
  const { record, lifecyclePolicy, policy, tags } = state;
  const { imageTagMutability = "MUTABLE", imageTagMutabilityExclusionFilters = [] } = record;
  const changes: (SettingChange | false)[] = [];
  const compare = (field: keyof EcrConfig, from: string, to: string, isSame = from === to) =>
    changes.push(!isSame && { field, from, to });
  const wanted = mutabilityOf(config);
  compare(
    "tagMutability",
    imageTagMutability.split("_")[0] ?? "",
    wanted.imageTagMutability.split("_")[0] ?? "",
  );
  const filters = imageTagMutabilityExclusionFilters.map(({ filter = "" }) => filter).sort();
  compare("exclusions", filters.join(", ") || "none", [...exclusionsOf(config)].sort().join(", ") || "none");
  const scans = record.imageScanningConfiguration?.scanOnPush ?? false;
  compare("scanOnPush", String(scans), String(config.scanOnPush));
  if (config.encryption)
    compare("encryption", record.encryptionConfiguration?.kmsKey ?? "a key of S3", config.encryption);
  for (const [key, value] of Object.entries(config.tags ?? {}))
    compare("tags", `${key}=${tags[key] ?? ""}`, `${key}=${value}`);
  if (config.lifecyclePolicy) {
    const text = JSON.stringify(config.lifecyclePolicy);
    compare(
      "lifecyclePolicy",
      lifecyclePolicy ? "another one" : "none",
      "the one of mkimage.json",
      sameJson(lifecyclePolicy, text),
    );
  }
  if (config.lambdaAccounts) {
    const text = withLambdaAccounts(policy, config.lambdaAccounts);
    compare("lambdaAccounts", "others", config.lambdaAccounts.join(", "), sameJson(policy, text));
  }
  return changes.filter((change) => change !== false);
}

/**
 * Changes what differs. Nothing is written for what is there already.
 * @throws UserError (exit 1) for an encryption that differs, which ECR does not change
 */
export async function applySettings(
  name: string,
  { state, config, settings }: { state: RepositoryState; config: EcrConfig; settings: EcrSettings },
): Promise<void> {
  const changes = settingChanges(state, config);
  const isChanged = (...fields: (keyof EcrConfig)[]) => changes.some(({ field }) => fields.includes(field));
  if (isChanged("encryption")) {
    throw new UserError(
      `Repository ${name} is not encrypted with ${config.encryption}, and ECR does not change that`,
      {
        reason: "check",
        hint: "Name another repository, or remove this one with its images.",
      },
    );
  }
  if (isChanged("tagMutability", "exclusions")) await settings.setMutability(name, mutabilityOf(config));
  if (isChanged("scanOnPush")) await settings.setScanOnPush(name, config.scanOnPush);
  if (isChanged("tags")) await settings.tag(state.record.repositoryArn ?? "", config.tags ?? {});
  if (isChanged("lifecyclePolicy"))
    await settings.setLifecyclePolicy(name, JSON.stringify(config.lifecyclePolicy));
  if (isChanged("lambdaAccounts"))
    await settings.setPolicy(name, withLambdaAccounts(state.policy, config.lambdaAccounts ?? []));
  for (const { field, from, to } of changes) say(`${name}: ${field}: ${from} → ${to}`);
}
