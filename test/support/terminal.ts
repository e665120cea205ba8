import { PassThrough } from "node:stream";
import type { WriteStream } from "node:tty";
import headless from "@xterm/headless";

/** A terminal in memory: what is written to `stream` is on its screen, as a terminal emulator shows it. */
export function terminal(columns: number, rows: number) {
  const emulator = new headless.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true });
  const stream = new PassThrough() as PassThrough & Partial<WriteStream>;
  Object.assign(stream, { columns, rows, isTTY: true, hasColors: () => true });
  const written: Promise<void>[] = [];
  const write = (data: string | Uint8Array) =>
    written.push(new Promise((done) => emulator.write(data, () => done())));
  stream.on("data", write);
  return {
    stream: stream as unknown as WriteStream,
    write,
    /** The lines with text, those that have left the screen included. */
    async lines(): Promise<string[]> {
      await new Promise((next) => setImmediate(next));
      await Promise.all(written);
      const { active } = emulator.buffer;
      const all = Array.from(
        { length: active.length },
        (_, at) => active.getLine(at)?.translateToString(true) ?? "",
      );
      return all.join("\n").trimEnd().split("\n");
    },
  };
}
