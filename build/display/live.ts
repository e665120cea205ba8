import type { WriteStream } from "node:tty";
import { createLogUpdate } from "log-update";
import { FRAME, layout } from "./layout.ts";
import type { Renderer, RowView } from "./row.ts";

/** Rows on a terminal, drawn anew in place; lines that stay go above them. */
export class LiveRenderer implements Renderer {
  readonly #stream: WriteStream;
  readonly #draw: ReturnType<typeof createLogUpdate>;
  readonly #rows = new Map<string, RowView>();
  #timer: NodeJS.Timeout | undefined;

  constructor(stream: WriteStream) {
    this.#stream = stream;
    this.#draw = createLogUpdate(stream);
  }

  phase(): void {}

  step(): void {}

  changed(row: RowView): void {
    this.#rows.set(`${row.group} ${row.name}`, row);
    this.#timer ??= setInterval(() => this.#frame(), FRAME).unref();
  }

  say(line: string): void {
    if (!this.#timer) this.#stream.write(`${line}\n`);
    else {
      this.#draw.persist(line);
      this.#frame();
    }
  }

  end(): void {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#frame();
    this.#draw.done();
    this.#rows.clear();
  }

  #frame(): void {
    const options = { width: this.#stream.columns, color: this.#stream.hasColors(), now: Date.now() };
    this.#draw(layout([...this.#rows.values()], options).join("\n"));
  }
}
