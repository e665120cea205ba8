import { InferenceSession, Tensor } from "onnxruntime-node";
import type { Graph } from "./graph.ts";

/**
 * Opens a model file with ONNX Runtime. It is given the path, not the bytes: ORT then maps external weights beside it
 * (model.onnx.data) instead of copying them.
 * @param threads threads per inference; ORT's own default counts the host's cores, not Lambda's share of them
 */
export async function openSession(path: string, threads: number): Promise<Graph> {
  const session = await InferenceSession.create(path, {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: "all",
  });
  return {
    inputs: session.inputNames,
    outputs: session.outputMetadata.filter((output) => output.isTensor),
    async run(feeds, output) {
      const tensors = Object.entries(feeds).map(([name, { data, dims }]) => [
        name,
        new Tensor("int64", data, dims),
      ]);
      const results = await session.run(Object.fromEntries(tensors), [output]);
      const { data, dims } = results[output] as Tensor;
      if (!(data instanceof Float32Array)) throw new Error(`output "${output}" of ${path} is not float32`);
      return { data, dims };
    },
  };
}
