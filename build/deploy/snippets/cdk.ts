import type { Target } from "../target.ts";
import { logicalName, variableName } from "./names.ts";

/** Properties as lines of TypeScript: `name: expression,`. What is undefined is left out. */
const lines = (properties: Readonly<Record<string, string | undefined>>, indent: string): string[] =>
  Object.entries(properties).flatMap(([name, value]) =>
    value === undefined ? [] : [`${indent}${name}: ${value},`],
  );

const json = (value: unknown): string | undefined =>
  value === undefined ? undefined : JSON.stringify(value);

/** The name of a repository in a reference by digest. */
const repositoryOf = (reference: string): string =>
  (reference.split("@")[0] ?? "").split("/").slice(1).join("/");

/** Constructs of the AWS CDK in TypeScript: https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda.DockerImageFunction.html */
export function cdkSnippet({ name, alias, content, surroundings }: Target): string {
  const { settings, image, architecture } = content;
  const { logging, vpc } = settings;
  const { tags = {}, url, concurrency } = surroundings;
  const [own, id] = [variableName(name), logicalName(name)];
  const role = settings.role && `iam.Role.fromRoleArn(this, "${id}Role", ${json(settings.role)})`;
  const properties = {
    functionName: json(name),
    code: `lambda.DockerImageCode.fromEcr(ecr.Repository.fromRepositoryName(this, "${id}Images", ${json(repositoryOf(image))}), { tagOrDigest: ${json(image.split("@")[1])} })`,
    architecture: `lambda.Architecture.${architecture === "arm64" ? "ARM_64" : "X86_64"}`,
    memorySize: json(settings.memory),
    timeout: `cdk.Duration.seconds(${settings.timeout})`,
    role,
    ephemeralStorageSize:
      settings.ephemeralStorage === undefined
        ? undefined
        : `cdk.Size.mebibytes(${settings.ephemeralStorage})`,
    environment: json(settings.environment),
    snapStart: settings.snapStart ? "lambda.SnapStartConf.ON_PUBLISHED_VERSIONS" : undefined,
    loggingFormat: logging?.format && `lambda.LoggingFormat.${logging.format.toUpperCase()}`,
    applicationLogLevelV2: logging?.level && `lambda.ApplicationLogLevel.${logging.level}`,
    systemLogLevelV2: logging?.systemLevel && `lambda.SystemLogLevel.${logging.systemLevel}`,
    logGroup: logging?.group && `logs.LogGroup.fromLogGroupName(this, "${id}Log", ${json(logging.group)})`,
    tracing:
      settings.tracing && `lambda.Tracing.${settings.tracing === "active" ? "ACTIVE" : "PASS_THROUGH"}`,
    reservedConcurrentExecutions: json(concurrency?.reserved),
  };
  const aliasProperties = {
    aliasName: json(alias),
    version: `${own}.currentVersion`,
    provisionedConcurrentExecutions: json(concurrency?.provisioned),
  };
  const urlProperties = url && {
    authType: `lambda.FunctionUrlAuthType.${url.auth === "iam" ? "AWS_IAM" : "NONE"}`,
    invokeMode: `lambda.InvokeMode.${url.mode === "stream" ? "RESPONSE_STREAM" : "BUFFERED"}`,
    cors:
      url.cors &&
      `{ ${lines({ allowedOrigins: json(url.cors.origins), allowedMethods: "[lambda.HttpMethod.ALL]", allowedHeaders: json(url.cors.headers), allowCredentials: json(url.cors.credentials), maxAge: url.cors.maxAge === undefined ? undefined : `cdk.Duration.seconds(${url.cors.maxAge})` }, "").join(" ")} }`,
  };
  return [
    `const ${own} = new lambda.DockerImageFunction(this, "${id}", {`,
    ...lines(properties, "  "),
    "});",
    `const ${own}Alias = new lambda.Alias(this, "${id}Alias", {`,
    ...lines(aliasProperties, "  "),
    "});",
    ...(urlProperties ? [`${own}Alias.addFunctionUrl({`, ...lines(urlProperties, "  "), "});"] : []),
    ...Object.entries(tags).map(([key, value]) => `cdk.Tags.of(${own}).add(${json(key)}, ${json(value)});`),
    ...(vpc || settings.deadLetter
      ? [
          `// Of mkimage.json, attach here: ${[vpc && "deploy.vpc", settings.deadLetter && "deploy.deadLetter"].filter(Boolean).join(", ")}`,
        ]
      : []),
  ].join("\n");
}
