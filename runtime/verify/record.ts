import type { Feeds, Graph } from "../onnx/graph.ts";
import type { Model } from "../serving/open-model.ts";

type Output = Awaited<ReturnType<Graph["run"]>>[number];

/** What a graph was fed with and gave, when the program answered. */
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

/** The model with a first graph that notes its runs. */
export function recording(model: Model): { readonly model: Model; readonly runs: readonly Run[] } {
  const runs: Run[] = [];
  const [first, ...others] = model.graphs;
  const graph = recorded(first ?? model.graph, runs);
  return { model: { ...model, graph, graphs: [graph, ...others] }, runs };
}
