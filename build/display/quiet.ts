import type { Renderer } from "./row.ts";

/** Nothing but the error of a command that fails, which is printed after the display has ended. */
export class QuietRenderer implements Renderer {
  phase(): void {}
  changed(): void {}
  step(): void {}
  say(): void {}
  end(): void {}
}
