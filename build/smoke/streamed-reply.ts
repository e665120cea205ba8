/** Between the head and the body of a streamed reply: https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html */
const SEPARATOR = "\0".repeat(8);

/** A reply's head (of a whole reply: all of it), and what a streamed one has after it. */
export function splitReply(text: string): { readonly head: string; readonly streamed?: string } {
  const at = text.indexOf(SEPARATOR);
  return at < 0 ? { head: text } : { head: text.slice(0, at), streamed: text.slice(at + SEPARATOR.length) };
}

/** The reply's head as a value; undefined for a reply that is no JSON, as a stream of text is. */
export function headOf(text: string): unknown {
  try {
    return JSON.parse(splitReply(text).head);
  } catch {
    return undefined;
  }
}
