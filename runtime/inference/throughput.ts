import type { Graph } from "../onnx/graph.ts";

/** Smaller runs are not recorded: most of their time is a fixed cost per run. */
const TELLING_CELLS = 64;

/** Longest run, in milliseconds: the deadline cannot be checked during a run. */
const LONGEST_RUN = 1000;

/** Cells of a graph's first run, before there is a measurement. */
const FIRST_CELLS = 256;

/** Milliseconds per cell (one token of one text) of each graph's last run. */
const measured = new WeakMap<Graph, number>();

export function recordRun(graph: Graph, cells: number, milliseconds: number): void {
  if (cells >= TELLING_CELLS) measured.set(graph, milliseconds / cells);
}

/** In milliseconds; undefined before the first measurement. */
export function expectedTime(graph: Graph, cells: number): number | undefined {
  const msPerCell = measured.get(graph);
  return msPerCell === undefined ? undefined : msPerCell * cells;
}

/** Number of cells that take at most LONGEST_RUN. */
export function cellsInTime(graph: Graph): number {
  const msPerCell = measured.get(graph);
  return msPerCell === undefined ? FIRST_CELLS : Math.max(1, Math.floor(LONGEST_RUN / msPerCell));
}
