import { UserError } from "../../errors.ts";
import { roleHint } from "../check.ts";
import type { Target } from "../target.ts";
import { urlInput } from "../url.ts";
import { terraformName } from "./names.ts";

type Value = string | number | boolean | readonly string[] | Readonly<Record<string, string>>;
type Content = Readonly<Record<string, Value | Block | Reference | undefined>>;

/** A block inside of a resource, which is no attribute. */
class Block {
  readonly content: Content;

  constructor(content: Content) {
    this.content = content;
  }
}

/** An attribute of another resource. */
class Reference {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }
}

/** A value as HCL: JSON, but that `${` and `%{` begin a template in a text. */
const hcl = (value: Value): string => JSON.stringify(value).replaceAll(/[$%](?=\{)/g, (sign) => sign + sign);

function tableLines(table: Readonly<Record<string, string>>, indent: string): string[] {
  return Object.entries(table).map(([name, value]) => `${indent}  ${hcl(name)} = ${hcl(value)}`);
}

function blockLines({ content }: Block, indent: string): string[] {
  return Object.entries(content).flatMap(([name, value]): string[] => {
    if (value === undefined) return [];
    if (value instanceof Reference) return [`${indent}${name} = ${value.path}`];
    if (value instanceof Block)
      return [`${indent}${name} {`, ...blockLines(value, `${indent}  `), `${indent}}`];
    if (typeof value !== "object" || Array.isArray(value)) return [`${indent}${name} = ${hcl(value)}`];
    return [
      `${indent}${name} = {`,
      ...tableLines(value as Readonly<Record<string, string>>, indent),
      `${indent}}`,
    ];
  });
}

const resource = (type: string, name: string, content: Content): string =>
  [`resource "${type}" "${name}" {`, ...blockLines(new Block(content), "  "), "}"].join("\n");

/**
 * Resources of Terraform's provider for AWS: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lambda_function
 * @throws UserError (exit 2) for a function without a role: Terraform makes none
 */
export function terraformSnippet({ name, alias, content, surroundings }: Target): string {
  const { settings, image, architecture } = content;
  if (settings.role === undefined)
    throw new UserError(`Function ${name} has no role, and Terraform makes none`, { hint: roleHint(name) });
  const { logging, vpc } = settings;
  const { tags, url, concurrency } = surroundings;
  const own = terraformName(name);
  const aliasOwn = terraformName(`${name}_${alias}`);
  const settingsOfUrl = url && urlInput(url);
  const resources = [
    resource("aws_lambda_function", own, {
      function_name: name,
      package_type: "Image",
      image_uri: image,
      architectures: [architecture],
      role: settings.role,
      memory_size: settings.memory,
      timeout: settings.timeout,
      publish: true,
      reserved_concurrent_executions: concurrency?.reserved,
      ephemeral_storage: settings.ephemeralStorage
        ? new Block({ size: settings.ephemeralStorage })
        : undefined,
      environment: settings.environment ? new Block({ variables: settings.environment }) : undefined,
      snap_start: settings.snapStart ? new Block({ apply_on: "PublishedVersions" }) : undefined,
      logging_config:
        logging &&
        new Block({
          log_format: logging.format === "json" ? "JSON" : "Text",
          application_log_level: logging.level,
          system_log_level: logging.systemLevel,
          log_group: logging.group,
        }),
      tracing_config:
        settings.tracing && new Block({ mode: settings.tracing === "active" ? "Active" : "PassThrough" }),
      dead_letter_config: settings.deadLetter ? new Block({ target_arn: settings.deadLetter }) : undefined,
      vpc_config:
        vpc &&
        new Block({
          subnet_ids: vpc.subnets,
          security_group_ids: vpc.securityGroups,
          ipv6_allowed_for_dual_stack: vpc.ipv6,
        }),
      tags,
    }),
    resource("aws_lambda_alias", aliasOwn, {
      name: alias,
      function_name: new Reference(`aws_lambda_function.${own}.function_name`),
      function_version: new Reference(`aws_lambda_function.${own}.version`),
    }),
  ];
  if (concurrency?.provisioned) {
    resources.push(
      resource("aws_lambda_provisioned_concurrency_config", aliasOwn, {
        function_name: new Reference(`aws_lambda_function.${own}.function_name`),
        qualifier: new Reference(`aws_lambda_alias.${aliasOwn}.name`),
        provisioned_concurrent_executions: concurrency.provisioned,
      }),
    );
  }
  if (settingsOfUrl) {
    const { AuthType, InvokeMode, Cors } = settingsOfUrl;
    resources.push(
      resource("aws_lambda_function_url", aliasOwn, {
        function_name: new Reference(`aws_lambda_function.${own}.function_name`),
        qualifier: new Reference(`aws_lambda_alias.${aliasOwn}.name`),
        authorization_type: AuthType,
        invoke_mode: InvokeMode,
        cors:
          Cors &&
          new Block({
            allow_origins: Cors.AllowOrigins,
            allow_methods: Cors.AllowMethods,
            allow_headers: Cors.AllowHeaders,
            allow_credentials: Cors.AllowCredentials,
            max_age: Cors.MaxAge,
          }),
      }),
    );
  }
  return resources.join("\n\n");
}
