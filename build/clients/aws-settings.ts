import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { ANSWER_TIME } from "../files/limits.ts";
import { proxyAgents } from "./proxy.ts";

/** The end of a call: Ctrl-C, or the time that AWS has for its answer, in milliseconds. */
export const callSignal = (signal: AbortSignal, time = ANSWER_TIME): AbortSignal =>
  AbortSignal.any([signal, AbortSignal.timeout(time)]);

/** Settings of every AWS client: the rest is the SDK's own default chain. */
export function awsSettings(env: NodeJS.ProcessEnv = process.env) {
  // AWS's command line reads AWS_DEFAULT_REGION as well; the SDK for JavaScript does not.
  const region = env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"];
  const requestHandler = proxyAgents(env);
  return {
    ...(region ? { region } : {}),
    // The clients that fetch credentials (STS, SSO) are others.
    ...(requestHandler && {
      requestHandler,
      credentials: defaultProvider({ clientConfig: { requestHandler } }),
    }),
  };
}
