/**
 * Types of a handler: `import type { Handler } from "mkimage/handler"`. Types only: at run time a handler gets
 * everything in its second argument. docs/handler.md has examples.
 */

/** A request of the Hugging Face inference API. */
export interface PipelineRequest {
  readonly inputs: unknown;
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Name of one of the function's models; default: the function's default model. */
  readonly model?: string;
}

/** The function's models, ready to answer. */
export interface Pipeline {
  /**
   * The task's result, as for a direct call. Rejects with an error that has `status` and, for a wrong request, `field`.
   */
  <Result = unknown>(request: PipelineRequest): Promise<Result>;
  /** The answer in pieces, as the model generates it, for tasks such as text-generation. */
  stream<Piece = unknown>(request: PipelineRequest): AsyncGenerator<Piece, void>;
}

/** Facts about the invocation. */
export interface Context {
  readonly requestId: string;
  /** Deadline of the invocation, in milliseconds since 1970. */
  readonly deadlineMs: number;
  /** Milliseconds until then. */
  getRemainingTimeInMillis(): number;
  /** ARN that the function was invoked by, with alias or version. */
  readonly functionArn: string;
  /** X-Ray tracing header. */
  readonly traceId: string | undefined;
  /** From the mobile SDK. */
  readonly clientContext: unknown;
  /** Amazon Cognito identity. */
  readonly identity: unknown;
  /**
   * Aborted when the invocation has failed, usually shortly before the deadline. Pass it to `fetch` and similar
   * calls.
   */
  readonly signal: AbortSignal;
}

/** The second argument of a handler. */
export interface Tools {
  readonly pipeline: Pipeline;
  /** The reply of the default handler: for direct and HTTP events, health checks, streams. */
  next(event: unknown): Promise<unknown>;
  /**
   * A streamed reply, to be returned: texts are sent unchanged, other values as server-sent events. Callers that cannot
   * stream (API Gateway, ALB) get it whole.
   */
  stream(pieces: AsyncIterable<unknown>, contentType?: string): Promise<unknown>;
  readonly context: Context;
}

/** The default export of handler.ts. Its return value is the reply; a thrown error is the invocation's error. */
export type Handler<Event = unknown, Reply = unknown> = (
  event: Event,
  tools: Tools,
) => Reply | Promise<Reply>;

/** One of the function's models. */
export interface ModelFacts {
  readonly name: string;
  /** Named as on the Hugging Face hub: `text-classification`, … */
  readonly task: string;
  /** Whether it answers requests that name no model. */
  readonly default: boolean;
}

/** The export `init` of handler.ts: called once, after the default model is opened and before the first event. */
export type Init = (tools: {
  readonly pipeline: Pipeline;
  readonly models: readonly ModelFacts[];
}) => void | Promise<void>;
