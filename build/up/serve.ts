import type Docker from "dockerode";
import { screen } from "../display/screen.ts";
import { say } from "../output.ts";
import { cellName } from "../plan/cell-name.ts";
import type { Image } from "../plan/image.ts";
import { isEmulated } from "../smoke/sandbox.ts";
import { type Cell, type Door, openDoor } from "./door.ts";
import { renderPage } from "./page.ts";
import { type PageFunction, pageData } from "./page-data.ts";
import { type Running, startImage } from "./running.ts";

export interface ServeOptions {
  readonly docker: Docker;
  readonly signal: AbortSignal;
  /** The port of a cell; 0 for any that is free. */
  readonly portOf: (name: string, index: number) => number;
}

/** Images that answer, each at an address of its own. */
export interface Served {
  readonly functions: readonly PageFunction[];
  readonly urls: Readonly<Record<string, string>>;
  /** Closes the addresses, and removes the containers. */
  stop(): Promise<void>;
}

/**
 * Starts images side by side, and opens an address for each. Where one fails, nothing of the others is left.
 * @throws UserError (exit 1) for an image that is not current, (exit 3) for a port that is taken
 */
export async function serve(images: readonly Image[], options: ServeOptions): Promise<Served> {
  const running: Running[] = [];
  const doors: Door[] = [];
  const stop = async () => {
    for (const door of doors) door.close();
    await Promise.all(running.map((each) => each.stop()));
  };
  try {
    const cells: Cell[] = [];
    // All of them have started or failed before the first failure counts: whatever has started can be stopped then.
    const starts = await Promise.allSettled(
      images.map(async (image, index) => {
        const name = cellName(image, images);
        screen.row("cells", name).running("starting");
        const log = (line: string) => say(images.length > 1 ? `${name} | ${line}` : line);
        const started = await startImage(image, { ...options, log });
        running.push(started);
        cells[index] = { name, invoke: started.invoke };
      }),
    );
    options.signal.throwIfAborted();
    for (const start of starts) if (start.status === "rejected") throw start.reason;
    let functions: PageFunction[] = [];
    const page = () => renderPage(functions);
    const urls: Record<string, string> = {};
    for (const [index, cell] of cells.entries()) {
      const door = await openDoor(cell, { cells, page, port: options.portOf(cell.name, index) });
      doors.push(door);
      urls[cell.name] = door.url;
      screen.row("cells", cell.name).done(door.url);
    }
    const emulated = await Promise.all(images.map((image) => isEmulated(options.docker, image)));
    functions = await pageData(images, (image) => ({
      url: `${urls[cellName(image, images)]}/`,
      emulated: emulated[images.indexOf(image)] ?? false,
    }));
    return { functions, urls, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
