import type { Graph } from "../onnx/graph.ts";

/** A run of fewer cells says little of how long a large one takes: much of its time is spent once per run. */
const TELLING_CELLS = 64;

/** Longest run wanted, in milliseconds: while one goes on, nobody sees the deadline. */
const LONGEST_RUN = 1000;

/** Cells of the first run of a graph whose msPerCell is not known yet. */
const FIRST_CELLS = 256;

/** Milliseconds per cell (one token of one text) of each graph, as last measured. */
const measured = new WeakMap<Graph, number>();

/** Remembers how long a run took. */
export function recordRun(graph: Graph, cells: number, milliseconds: number): void {
  if (cells >= TELLING_CELLS) measured.set(graph, milliseconds / cells);
}

/** Milliseconds that a run will take; undefined when nothing is known. */
export function expectedTime(graph: Graph, cells: number): number | undefined {
  const msPerCell = measured.get(graph);
  return msPerCell === undefined ? undefined : msPerCell * cells;
}

/** Cells that a run may have, so that it does not take too long. */
export function cellsInTime(graph: Graph): number {
  const msPerCell = measured.get(graph);
  return msPerCell === undefined ? FIRST_CELLS : Math.max(1, Math.floor(LONGEST_RUN / msPerCell));
}
