export const EVENT_STREAM = "text/event-stream";

/** A value as a server-sent event, `data:` and JSON, as text-generation-inference sends it. */
export const toEvent = (value: unknown): string => `data:${JSON.stringify(value)}\n\n`;

/** Values as server-sent events. */
export async function* toEvents(values: AsyncIterable<unknown>): AsyncGenerator<string, void> {
  for await (const value of values) yield toEvent(value);
}
