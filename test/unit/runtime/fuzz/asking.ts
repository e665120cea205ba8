import { StreamReply } from "../../../../runtime/lambda/stream-reply.ts";
import type { Model } from "../../../../runtime/model/model.ts";
import { modelHandler } from "../../../../runtime/serving/handler.ts";
import { modelPool } from "../../../../runtime/serving/model-pool.ts";
import { ENDLESS } from "../../../support/tiny-models.ts";

/** What an event may be refused with: the caller's mistake, or that its time is up. */
const REFUSALS = ["BadRequest", "Runtime.DeadlineExceeded"];

/** Asks a handler with this one model, which has a second for each answer; streams are read to their end. */
export function asking(model: Model): (event: unknown) => Promise<unknown> {
  const models = modelPool({
    names: ["tiny"],
    fallback: undefined,
    open: async () => model,
    memory: ENDLESS,
  });
  const handler = modelHandler(models, () => ({ status: "ok", models: [] }));
  return async (event) => {
    const reply = await handler(event, {
      ...{ functionArn: "", body: "", traceId: undefined, clientContext: undefined, identity: undefined },
      requestId: "r",
      deadlineMs: Date.now() + 1000,
    });
    if (!(reply instanceof StreamReply)) return reply;
    const pieces: unknown[] = [];
    for await (const piece of reply.pieces) pieces.push(piece);
    return pieces;
  };
}

/** Throws unless the event is answered, or refused for what the caller did; what is answered can be written as JSON. */
export async function mustCope(ask: (event: unknown) => Promise<unknown>, event: unknown): Promise<void> {
  try {
    const reply = await ask(event);
    const { statusCode = 200, body } = (JSON.parse(JSON.stringify(reply ?? null)) ?? {}) as {
      statusCode?: number;
      body?: string;
    };
    if (statusCode >= 500 && statusCode !== 504) throw new Error(`status ${statusCode}: ${body}`);
  } catch (error) {
    if (!(error instanceof Error && REFUSALS.includes(error.name))) throw error;
  }
}
