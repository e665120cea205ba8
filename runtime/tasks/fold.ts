/**
 * Makes one thing of all that belongs to an item, item after item, so that no more than an item's parts are held.
 * @param begin the thing without a part, for the item of that index
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
