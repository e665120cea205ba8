import { toInput } from "../fields.ts";
import type { Target } from "../target.ts";
import { type YamlValue, yamlLines } from "./yaml.ts";

/** A function of the Serverless Framework: https://www.serverless.com/framework/docs/providers/aws/guide/serverless.yml */
export function serverlessSnippet({ name, content, surroundings }: Target): string {
  const { settings, image, architecture } = content;
  const { LoggingConfig } = toInput(settings);
  const { tags, url, concurrency } = surroundings;
  const cors = url?.cors && {
    allowedOrigins: url.cors.origins,
    allowedHeaders: url.cors.headers,
    allowCredentials: url.cors.credentials,
    maxAge: url.cors.maxAge,
  };
  const row: YamlValue = {
    name,
    image,
    architecture,
    memorySize: settings.memory,
    timeout: settings.timeout,
    role: settings.role,
    ephemeralStorageSize: settings.ephemeralStorage,
    environment: settings.environment,
    snapStart: settings.snapStart,
    logs: LoggingConfig && {
      logFormat: LoggingConfig.LogFormat,
      applicationLogLevel: LoggingConfig.ApplicationLogLevel,
      systemLogLevel: LoggingConfig.SystemLogLevel,
      logGroup: LoggingConfig.LogGroup,
    },
    tracing: settings.tracing && (settings.tracing === "active" ? "Active" : "PassThrough"),
    onError: settings.deadLetter,
    vpc: settings.vpc && {
      securityGroupIds: settings.vpc.securityGroups,
      subnetIds: settings.vpc.subnets,
    },
    reservedConcurrency: concurrency?.reserved,
    provisionedConcurrency: concurrency?.provisioned,
    url: url && {
      authorizer: url.auth === "iam" ? "aws_iam" : undefined,
      invokeMode: url.mode === "stream" ? "RESPONSE_STREAM" : "BUFFERED",
      cors,
    },
    tags,
  };
  return yamlLines({ functions: { [name]: row } }).join("\n");
}
