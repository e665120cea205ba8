export class StreamReply {
  readonly contentType: string;
  readonly pieces: AsyncIterable<string | Uint8Array>;

  constructor(contentType: string, pieces: AsyncIterable<string | Uint8Array>) {
    this.contentType = contentType;
    this.pieces = pieces;
  }
}

/** Waits for the first piece, so that an error before it is thrown here, and returns all pieces. */
export async function begun<T>(pieces: AsyncIterable<T>): Promise<AsyncIterable<T>> {
  const iterator = pieces[Symbol.asyncIterator]();
  const first = await iterator.next();
  return (async function* () {
    try {
      for (let step = first; !step.done; step = await iterator.next()) yield step.value;
    } finally {
      await iterator.return?.();
    }
  })();
}
