import { createWriteStream, type WriteStream } from "node:fs";

/**
 * Opens a file for a pipeline to write into. The file is closed before this ends, also when the pipeline fails: Node ends a
 * failed pipeline while the file may still be about to be opened or written to, and who removes it then finds it again.
 */
export async function withSink<T>(
  path: string,
  flags: "w" | "a",
  use: (sink: WriteStream) => Promise<T>,
): Promise<T> {
  const sink = createWriteStream(path, { flags });
  const closed = new Promise<void>((done) => sink.once("close", done));
  try {
    return await use(sink);
  } finally {
    sink.destroy();
    await closed;
  }
}
