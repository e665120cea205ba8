import { z } from "zod";

const KEY = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/;

/** ECR's levels of findings, the worst first. */
export const SEVERITIES = ["critical", "high", "medium", "low"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** The form that ECR takes: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageTagMutabilityExclusionFilter.html */
const exclusion = z
  .string()
  .regex(/^[0-9a-zA-Z._*-]{1,128}$/, "expected a tag in which * stands for any characters, such as *-dirty-*")
  .refine((filter) => filter.split("*").length <= 3, "expected at most two *");

/** Settings of a repository in ECR: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html */
export const ecrSchema = z.strictObject({
  tagMutability: z
    .enum(["immutable", "mutable"])
    .default("immutable")
    .describe(
      "Whether a tag can be given to another image; `push` keeps to it in registries that are not of ECR as well.",
    ),
  exclusions: z
    .array(exclusion)
    .max(5)
    .optional()
    .describe(
      'Tags for which it is the other way round; `*` stands for any characters. Default for immutable tags: ["*-dirty-*", "0-*"], so that images of uncommitted files, and of projects outside of git, can be pushed again.',
    ),
  scanOnPush: z.boolean().default(true).describe("Whether ECR scans what is pushed."),
  encryption: z
    .string()
    .regex(KEY, "expected the ARN of a KMS key: arn:aws:kms:eu-west-1:123456789012:key/…")
    .optional()
    .describe(
      "ARN of the KMS key that encrypts the images; default: a key of S3. It cannot be changed later.",
    ),
  tags: z
    .record(z.string().min(1).max(128), z.string().max(256))
    .optional()
    .describe("Tags of the repository itself. Others that it has stay."),
  lifecyclePolicy: z
    .looseObject({
      rules: z.array(z.looseObject({})).min(1).describe("Required. Rules, as AWS documents them."),
    })
    .optional()
    .describe(
      "When ECR removes images, as AWS documents it. ECR does not look at what functions use: keep images that a version has.",
    ),
  lambdaAccounts: z
    .array(z.string().regex(/^\d{12}$/, "expected the 12 digits of an account"))
    .optional()
    .describe(
      "Other accounts whose functions may use the images. The repository's policy gets a statement for them; its others stay.",
    ),
  failOn: z
    .enum(SEVERITIES)
    .optional()
    .describe(
      "Least severity of a finding of ECR's scan with which `push` and `release` end with exit code 1; `--fail-on` replaces it.",
    ),
});

/** Of immutable tags: those of uncommitted files, and of projects outside of git. */
const MOVABLE = ["*-dirty-*", "0-*"];

/** The tags for which a repository's mutability is the other way round. */
export const exclusionsOf = ({ tagMutability, exclusions }: EcrConfig): readonly string[] =>
  exclusions ?? (tagMutability === "immutable" ? MOVABLE : []);

export type EcrConfig = z.output<typeof ecrSchema>;
/** What a repository gets without a word in mkimage.json. */
export const ECR_DEFAULTS: EcrConfig = ecrSchema.parse({});
