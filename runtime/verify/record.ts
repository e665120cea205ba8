import type { Model } from "../model/model.ts";
import type { Feeds, Graph } from "../onnx/graph.ts";

type Output = Awaited<ReturnType<Graph["run"]>>[number];

export interface Run {
  readonly feeds: Feeds;
  readonly outputs: Readonly<Record<string, Output>>;
}

function recorded(graph: Graph, runs: Run[]): Graph {
  return {
    ...graph,
    async run(feeds, names) {
      const values = await graph.run(feeds, names);
      runs.push({
        feeds,
        outputs: Object.fromEntries(names.map((name, i) => [name, values[i] as Output])),
      });
      return values;
    },
  };
}

/** The model with its first graph replaced by one that records its runs. */
export function recording(model: Model): { readonly model: Model; readonly runs: readonly Run[] } {
  const runs: Run[] = [];
  const [first, ...others] = model.graphs;
  const graph = recorded(first ?? model.graph, runs);
  return { model: { ...model, graph, graphs: [graph, ...others] }, runs };
}
