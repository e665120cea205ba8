import type { Cors } from "@aws-sdk/client-lambda";
import type { Lambda } from "../clients/lambda.ts";
import type { Deployment } from "../config/deployment.ts";
import { say } from "../output.ts";

type Url = NonNullable<Deployment["url"]>;

const AUTH = { iam: "AWS_IAM", none: "NONE" } as const;
const MODE = { buffered: "BUFFERED", stream: "RESPONSE_STREAM" } as const;

/** The statements of the alias's policy that let anyone call it through the URL: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html */
const PUBLIC = [
  {
    StatementId: "mkimage-public-url",
    Action: "lambda:InvokeFunctionUrl",
    Principal: "*",
    FunctionUrlAuthType: "NONE",
  },
  {
    StatementId: "mkimage-public-url-invoke",
    Action: "lambda:InvokeFunction",
    Principal: "*",
    InvokedViaFunctionUrl: true,
  },
] as const;

/** Those of them that the policy of the alias has. */
async function publicStatements(lambda: Lambda, name: string, alias: string): Promise<string[]> {
  const policy = await lambda.findPolicy(name, alias);
  const { Statement = [] } = JSON.parse(policy ?? "{}") as { Statement?: { Sid?: string }[] };
  return Statement.flatMap(({ Sid }) => PUBLIC.filter(({ StatementId }) => StatementId === Sid)).map(
    ({ StatementId }) => StatementId,
  );
}

/** CORS as mkimage.json has it: without what is Lambda's default. */
const fromCors = ({ AllowOrigins, AllowHeaders, AllowCredentials, MaxAge }: Cors): Url["cors"] => ({
  origins: AllowOrigins ?? [],
  ...(AllowHeaders?.length && { headers: AllowHeaders }),
  ...(AllowCredentials && { credentials: true }),
  ...(MaxAge && { maxAge: MaxAge }),
});

/** The URL of an alias, in the words of mkimage.json; undefined when it has none. */
export async function readUrl(lambda: Lambda, name: string, alias: string) {
  const found = await lambda.findUrl(name, alias);
  if (!found) return undefined;
  const open = found.AuthType === "NONE" && (await publicStatements(lambda, name, alias)).length;
  return {
    auth:
      found.AuthType !== "NONE" ? "iam" : open === PUBLIC.length ? "none" : "none, but closed by the policy",
    mode: found.InvokeMode === MODE.stream ? "stream" : "buffered",
    cors: found.Cors && fromCors(found.Cors),
  };
}

/** A URL as Lambda is told of it, and CloudFormation. Pure. */
export const urlInput = ({ auth, mode, cors }: Url) => ({
  AuthType: AUTH[auth],
  InvokeMode: MODE[mode],
  ...(cors && {
    Cors: {
      AllowOrigins: cors.origins,
      AllowMethods: ["*"],
      AllowHeaders: cors.headers,
      AllowCredentials: cors.credentials,
      MaxAge: cors.maxAge,
    },
  }),
});

/** Makes the URL what it should be. One that is closed is closed first, one that is opened is opened last. */
export async function setUrl(
  lambda: Lambda,
  { name, alias, url }: { readonly name: string; readonly alias: string; readonly url: Url },
): Promise<void> {
  const input = { FunctionName: name, Qualifier: alias, ...urlInput(url) };
  const found = await lambda.findUrl(name, alias);
  const open = await publicStatements(lambda, name, alias);
  const { FunctionUrl } = found ? await lambda.updateUrl(input) : await lambda.createUrl(input);
  if (url.auth === "iam") {
    for (const StatementId of open)
      await lambda.removePermission({ FunctionName: name, Qualifier: alias, StatementId });
  } else {
    for (const statement of PUBLIC.filter(({ StatementId }) => !open.includes(StatementId)))
      await lambda.addPermission({ FunctionName: name, Qualifier: alias, ...statement });
  }
  say(`${name}: ${FunctionUrl}${url.auth === "none" ? " can be called by anyone who knows it" : ""}`);
}
