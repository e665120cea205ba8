import { z } from "zod";
import { NAME } from "../../models/spec.ts";
import {
  ARCHES,
  DEFAULT_QUANTIZATION,
  names,
  OSES,
  PART_BASES,
  PART_TITLES,
  QUANTIZATIONS,
  quantizationTitles,
} from "../catalog.ts";
import { attestationsSchema } from "./attestations.ts";
import { deploymentSchema } from "./deployment.ts";
import { ecrSchema } from "./ecr.ts";
import { HANDLER_FILES } from "./user-handler.ts";

export const imageReference = z
  .string()
  .regex(
    /^\w[\w.\-/:]*(?:@sha256:[0-9a-f]{64})?$/,
    "expected an image reference such as alpine:3.23 or name@sha256:…",
  );

/** Path part of an image reference (distribution specification: lower case, digits and separators), `<project>` and `<function>`. */
export const REPOSITORY = {
  pattern: /^(?:[a-z0-9]|<project>|<function>)+(?:(?:[./]|_{1,2}|-+)(?:[a-z0-9]|<project>|<function>)+)*$/,
  expected: "expected lower-case path segments such as team/<function>",
};
/** Has the project in it, so that functions of one name in two projects do not share a repository. */
const DEFAULT_REPOSITORY = "<project>/<function>";

/** A part of a tag, which a registry allows 128 characters. */
export const TAG_PART = {
  pattern: /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,80}$/,
  expected: "expected letters, digits, dots, dashes",
};
const NAME_EXPECTED = "expected a lower-case name such as all-minilm-l6-v2 (`constructor` is reserved)";

/** A NAME that Lambda takes as well: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
const functionName = z
  .string()
  .regex(NAME, NAME_EXPECTED)
  .regex(/^[^.]{1,64}$/, "expected a name that Lambda takes: at most 64 characters, and no dot");

const S3_PLACE = /^s3:\/\/[\w.-]{3,63}(?:\/[^,]*)?$/;

const modelName = z.string().regex(NAME, NAME_EXPECTED);
const functionSchema = z
  .strictObject({
    model: modelName.optional().describe("Name of a spec in models/. Required without `models`."),
    models: z
      .array(modelName)
      .min(1)
      .refine((models) => new Set(models).size === models.length, "expected each model once")
      .optional()
      .describe(
        "Names of several specs in models/. A request names one as `model`; without a name the first one answers.",
      ),
    memory: z
      .int()
      .min(128)
      .max(10240)
      .default(1769)
      .describe("Memory of the function in MB, as Lambda counts it: 1769 MB is one vCPU."),
    handler: z
      .union([
        z.string().regex(/\.[cm]?[jt]sx?$/, "expected a path such as handlers/embed.ts"),
        z.literal(false, "expected a path, or false for none"),
      ])
      .optional()
      .describe(
        `Your own handler: path of a module, relative to this file; \`false\` for the built-in one. Default: ${HANDLER_FILES[0]} (or ${HANDLER_FILES.slice(1).join(", ")}) beside this file, if there is one.`,
      ),
    event: z
      .record(z.string(), z.unknown())
      .optional()
      .describe(
        "Event that `mkimage test` sends to your own handler. Default: the samples of the function's models.",
      ),
    notSecret: z
      .array(z.string().regex(/^\/./, "expected an absolute path in the image"))
      .optional()
      .describe(
        "Files of the image whose keys or tokens are no secrets, such as those of a package's tests: `mkimage test` passes over what it finds in them (rule `no-secrets`). Absolute paths; a folder means all below it.",
      ),
    allow: z
      .strictObject({
        serverFacts: z
          .boolean()
          .default(false)
          .describe(
            "Whether a request with `server: true` gets facts about the machine and the time of each step.",
          ),
        s3: z
          .array(z.string().regex(S3_PLACE, "expected s3://BUCKET or s3://BUCKET/PREFIX, without a comma"))
          .default([])
          .describe(
            "Buckets and prefixes, `s3://BUCKET` or `s3://BUCKET/PREFIX`, from which requests may have images read. A prefix holds what is below it as a folder: `s3://b/in` holds `in/1.png`, and not `input.png`.",
          ),
      })
      .optional()
      .describe(
        "What callers may ask for beyond answers to what they send; default: nothing. In the image it is MKIMAGE_ALLOW_SERVER_FACTS (`true`) and MKIMAGE_ALLOW_S3 (comma-separated), which the function's environment can replace.",
      ),
    deploy: deploymentSchema
      .prefault({})
      .describe(
        "The function in AWS Lambda, for `mkimage deploy`. What is not named here stays as it is there, or is Lambda's own default.",
      ),
  })
  .refine(
    ({ model, models }) => (model === undefined) !== (models === undefined),
    "expected either `model` or `models`",
  );

/** `a, b and c`. */
const LISTED = new Intl.ListFormat("en-GB");

export const configSchema = z
  .strictObject({
    $schema: z.string().optional().describe("Path of this schema, for editors."),
    functions: z
      .record(functionName, functionSchema)
      .refine((functions) => Object.keys(functions).length > 0, "expected at least one function")
      .describe("Required. Name of a Lambda function → what it serves."),
    os: z
      .array(z.enum(names(OSES)))
      .min(1)
      .default(names(OSES))
      .describe("Operating systems of the matrix."),
    arch: z
      .array(z.enum(names(ARCHES)))
      .min(1)
      .default(names(ARCHES))
      .describe("Architectures of the matrix."),
    quantization: z
      .array(z.enum(names(QUANTIZATIONS)))
      .min(1)
      .default([DEFAULT_QUANTIZATION])
      .describe(`Number formats of the matrix: ${quantizationTitles()}.`),
    repository: z
      .string()
      .regex(REPOSITORY.pattern, REPOSITORY.expected)
      .default(DEFAULT_REPOSITORY)
      .describe(
        "Repository of the images. `<function>` stands for the function's name, `<project>` for the project's: that of package.json, or the folder's, in lower case. With a registry of ECR before it, `123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/<function>`, images are pushed to that account and region; with another one, `ghcr.io/team/<function>`, to that registry, from which Lambda takes none.",
      ),
    registries: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe(
        'Where images are pushed to, each with the same digest: regions of the credentials\' account, such as "eu-west-1", registries of ECR, such as "123456789012.dkr.ecr.eu-west-1.amazonaws.com", and others, such as "ghcr.io/my-team". Default: the region of the credentials; `--registry` replaces it.',
      ),
    ecr: ecrSchema
      .optional()
      .describe(
        "Settings of the repositories that `push` creates. One that exists keeps its own; what differs is said, and `--update-repository` changes it.",
      ),
    attestations: attestationsSchema
      .optional()
      .describe(
        "What `push` and `release` send beside an image, about it, as artifacts that refer to its digest. The image stays as it is; default: nothing.",
      ),
    version: z
      .string()
      .regex(TAG_PART.pattern, TAG_PART.expected)
      .optional()
      .describe(
        "First part of a pushed tag, `<version>-<os>-<arch>`. Default: the commit that last changed what the image is made of, or 0 outside of a git repository. When git fails to give the revision, nothing is pushed.",
      ),
    bases: z
      .partialRecord(z.enum([...names(OSES), ...names(PART_BASES)]), imageReference)
      .default({})
      .describe(
        `Other base images: one per operating system, and the images that ${LISTED.format(names(PART_BASES).map((part) => `${PART_TITLES[part]} (\`${part}\`)`))} are taken from.`,
      ),
    rie: z.boolean().default(true).describe("Whether the images carry the runtime interface emulator."),
  })
  .describe("mkimage.json: the functions of a project and the matrix of images to build for them.");

/** The content of mkimage.json, with its defaults. */
export type ConfigFile = z.output<typeof configSchema>;
