import { ARCHES } from "../../catalog.ts";
import type { FunctionConfiguration, LambdaFunction } from "../../clients/lambda.ts";
import type { Deployment } from "../../config/deployment.ts";
import { liveValues, type VersionSettings, versionSettings } from "../../deploy/fields.ts";
import { UserError } from "../../errors.ts";
import type { Image } from "../../plan/image.ts";

/** What functions for measuring are made from: an image, and the settings of the function that is to be measured. */
export interface BenchSource {
  /** The function in mkimage.json and in Lambda. */
  readonly name: string;
  readonly image: Image;
  /** Reference of the image by digest. */
  readonly remote: string;
  readonly settings: VersionSettings;
  /** What only Lambda knows of the function: the parts of its configuration that mkimage.json has no field for. */
  readonly beside: Pick<FunctionConfiguration, "KMSKeyArn" | "FileSystemConfigs"> & {
    readonly ImageConfig?: NonNullable<FunctionConfiguration["ImageConfigResponse"]>["ImageConfig"];
  };
  readonly tags: Readonly<Record<string, string>>;
}

const groupOf = (name: string) => `/aws/lambda/${name}`;

/**
 * The source of a function that is deployed. Its log goes to the group of that function: Lambda would make another one,
 * which would stay.
 * @throws UserError (exit 3) when the credentials may not read its environment
 */
export function deployedSource(
  image: Image,
  { live, remote }: { readonly live: LambdaFunction; readonly remote: string },
): BenchSource {
  const { configuration, tags } = live;
  const { Environment, KMSKeyArn, FileSystemConfigs, ImageConfigResponse } = configuration;
  if (Environment?.Error)
    throw new UserError(`The environment of ${image.function} cannot be read: ${Environment.Error.Message}`, {
      reason: "environment",
      hint: `Allow kms:Decrypt with the key ${KMSKeyArn} to these credentials.`,
    });
  const { deadLetter: _, logging, ...settings } = liveValues(configuration) as unknown as VersionSettings;
  return {
    name: image.function,
    image,
    remote,
    tags,
    settings: { ...settings, logging: { ...logging, group: logging?.group ?? groupOf(image.function) } },
    beside: { KMSKeyArn, FileSystemConfigs, ImageConfig: ImageConfigResponse?.ImageConfig },
  };
}

/** The source of a pushed image whose function is not in Lambda yet: its settings are those of mkimage.json. */
export function configuredSource(
  image: Image,
  { deploy, remote }: { readonly deploy: Deployment; readonly remote: string },
): BenchSource {
  const { deadLetter: _, logging, ...settings } = versionSettings(image.memory, deploy);
  return {
    name: image.function,
    image,
    remote,
    settings: { ...settings, logging: { ...logging, group: logging?.group ?? groupOf(image.function) } },
    beside: {},
    tags: deploy.tags ?? {},
  };
}

/** What Lambda is told when a function is made. */
export const architectureOf = ({ image }: BenchSource) => ARCHES[image.arch].lambda;
