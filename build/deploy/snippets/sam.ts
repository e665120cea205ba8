import { toInput } from "../fields.ts";
import type { Target } from "../target.ts";
import { urlInput } from "../url.ts";
import { logicalName } from "./names.ts";
import { type YamlValue, yamlLines } from "./yaml.ts";

/** A resource of AWS SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html */
export function samSnippet({ name, alias, content, surroundings }: Target): string {
  const { TracingConfig, DeadLetterConfig, ...properties } = toInput(content.settings);
  const { tags, url, concurrency } = surroundings;
  const arn = DeadLetterConfig?.TargetArn;
  const resource = {
    Type: "AWS::Serverless::Function",
    Properties: {
      FunctionName: name,
      PackageType: "Image",
      ImageUri: content.image,
      Architectures: [content.architecture],
      ...properties,
      Tracing: TracingConfig?.Mode,
      DeadLetterQueue: arn && { Type: arn.split(":")[2]?.toUpperCase(), TargetArn: arn },
      AutoPublishAlias: alias,
      ReservedConcurrentExecutions: concurrency?.reserved,
      ProvisionedConcurrencyConfig: concurrency?.provisioned && {
        ProvisionedConcurrentExecutions: concurrency.provisioned,
      },
      FunctionUrlConfig: url && urlInput(url),
      Tags: tags,
    },
  };
  return yamlLines({ Resources: { [logicalName(name)]: resource as YamlValue } }).join("\n");
}
