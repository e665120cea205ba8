/**
 * Combines the consecutive parts of each item, so that the parts of only one item are in memory.
 * @param begin returns the empty result for the item of that index
 */
export async function* folded<Part extends { readonly index: number }, Whole>(
  parts: AsyncIterable<Part>,
  begin: (index: number) => Whole,
  add: (whole: Whole, part: Part) => void,
): AsyncGenerator<Whole, void> {
  let current: { readonly index: number; readonly whole: Whole } | undefined;
  for await (const part of parts) {
    if (current && current.index !== part.index) {
      yield current.whole;
      current = undefined;
    }
    current ??= { index: part.index, whole: begin(part.index) };
    add(current.whole, part);
  }
  if (current) yield current.whole;
}
