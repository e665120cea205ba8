import { httpSender } from "../../runtime/lambda/connection.ts";
import type { Handler } from "../../runtime/lambda/loop.ts";
import { runtimeApi } from "../../runtime/lambda/runtime-api.ts";
import { start } from "../../runtime/lambda/start.ts";
import { StreamReply } from "../../runtime/lambda/stream-reply.ts";

const { env } = process;

/** What aws-lambda-ric gives a handler beside the event. */
interface Context {
  readonly awsRequestId: string;
  readonly invokedFunctionArn: string;
  readonly xRayTraceId: string | undefined;
  readonly clientContext: unknown;
  readonly identity: unknown;
  getRemainingTimeInMillis(): number;
}

interface Functions {
  readonly handler?: (event: unknown, context: Context) => unknown;
  /** The pieces of a streamed answer, in place of `handler`. */
  readonly pieces?: (event: unknown) => AsyncIterable<string>;
}

/** The module that _HANDLER names, under the runtime's own client as aws-lambda-ric has it under its own. */
async function init(): Promise<Handler> {
  const [name] = (env._HANDLER ?? "").split(".");
  const { handler, pieces }: Functions = await import(`${env.LAMBDA_TASK_ROOT}/${name}.mjs`);
  if (pieces) return async (event) => new StreamReply("text/plain", pieces(event));
  return async (event, invocation) =>
    handler?.(event, {
      awsRequestId: invocation.requestId,
      invokedFunctionArn: invocation.functionArn,
      xRayTraceId: invocation.traceId,
      clientContext: invocation.clientContext,
      identity: invocation.identity,
      getRemainingTimeInMillis: () => invocation.deadlineMs - Date.now(),
    });
}

await start(runtimeApi(httpSender(env.AWS_LAMBDA_RUNTIME_API ?? "")), init, {
  signal: new AbortController().signal,
  env,
});
