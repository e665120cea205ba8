export const EVENT_STREAM = "text/event-stream";

/** Values as server-sent events, each `data:` and JSON, as text-generation-inference sends them. */
export async function* toEvents(values: AsyncIterable<unknown>): AsyncGenerator<string, void> {
  for await (const value of values) yield `data:${JSON.stringify(value)}\n\n`;
}
