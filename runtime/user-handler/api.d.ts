/**
 * Types of a project's own handler: `import type { Handler } from "mkimage/handler"`. Nothing here is there at run time;
 * what a handler gets is handed to it as its second argument. docs/handler.md shows how it is used.
 */

/** A request of the Hugging Face inference API's shape. */
export interface PipelineRequest {
  readonly inputs: unknown;
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Name of one of the function's models; the default one when it is not given. */
  readonly model?: string;
}

/** The function's models, ready to answer. */
export interface Pipeline {
  /**
   * The task's result, as the function would answer a direct call. Rejects with an error that has `status` and, for a
   * wrong request, `field`.
   */
  <Result = unknown>(request: PipelineRequest): Promise<Result>;
  /** The answer piece by piece, as the model makes it; of tasks that have pieces, such as text-generation. */
  stream<Piece = unknown>(request: PipelineRequest): AsyncGenerator<Piece, void>;
}

/** What Lambda says of the invocation. */
export interface Context {
  readonly requestId: string;
  /** When Lambda ends the invocation, in milliseconds since 1970. */
  readonly deadlineMs: number;
  /** Milliseconds until then. */
  getRemainingTimeInMillis(): number;
  /** ARN by which the function was invoked; it has the alias or version. */
  readonly functionArn: string;
  /** X-Ray tracing header. */
  readonly traceId: string | undefined;
  /** From the mobile SDK. */
  readonly clientContext: unknown;
  /** Amazon Cognito identity. */
  readonly identity: unknown;
  /** Aborted when the invocation has failed, above all shortly before the deadline: for `fetch` and its like. */
  readonly signal: AbortSignal;
}

/** What a handler gets beside the event. */
export interface Tools {
  readonly pipeline: Pipeline;
  /** What the function would answer without a handler of its own: direct and HTTP events, health, streams. */
  next(event: unknown): Promise<unknown>;
  /**
   * A reply in pieces, to be returned: texts go out as they are, other values as server-sent events. Callers that take
   * no stream (API Gateway, ALB) get it whole.
   */
  stream(pieces: AsyncIterable<unknown>, contentType?: string): Promise<unknown>;
  readonly context: Context;
}

/** The default export of handler.ts. What it returns is the reply; what it throws is the invocation's error. */
export type Handler<Event = unknown, Reply = unknown> = (
  event: Event,
  tools: Tools,
) => Reply | Promise<Reply>;

/** One of the function's models. */
export interface ModelFacts {
  readonly name: string;
  /** As on the Hugging Face hub: `text-classification`, … */
  readonly task: string;
  /** Whether it answers where a request names none. */
  readonly default: boolean;
}

/** The export `init` of handler.ts: called once, when the default model is open and before the first event. */
export type Init = (tools: {
  readonly pipeline: Pipeline;
  readonly models: readonly ModelFacts[];
}) => void | Promise<void>;
