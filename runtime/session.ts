import { InferenceSession, Tensor } from "onnxruntime-node";
import type { Graph, Port, Values } from "./graph.ts";

/** How whole numbers become what an input asks for. Exports of other frameworks ask for int32, or a float mask. */
const FROM_INTEGERS: Readonly<Record<string, (data: BigInt64Array) => Tensor.DataType>> = {
  int64: (data) => data,
  int32: (data) => Int32Array.from(data, Number),
  float32: (data) => Float32Array.from(data, Number),
  bool: (data) => Uint8Array.from(data, Number),
};

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
  const inputs = session.inputMetadata.filter((input) => input.isTensor);
  const types = new Map(inputs.map(({ name, type }) => [name, type]));
  return {
    inputs,
    outputs: session.outputMetadata.filter((output) => output.isTensor),
    async run(feeds, outputs) {
      const tensors = Object.entries(feeds).map(([name, values]) => [
        name,
        toTensor(values, types.get(name)),
      ]);
      const results = await session.run(Object.fromEntries(tensors), outputs);
      return outputs.map((name) => toFloats(results[name] as Tensor, { name, path }));
    },
    close: () => session.release(),
  };
}

function toTensor(
  { data, dims }: Values<BigInt64Array | Float32Array>,
  type: Port["type"] = "int64",
): Tensor {
  if (data instanceof Float32Array) return new Tensor("float32", data, dims);
  const convert = FROM_INTEGERS[type];
  if (!convert) throw new Error(`an input of type ${type} cannot be given`);
  return new Tensor(type as "int64", convert(data) as BigInt64Array, dims);
}

function toFloats(
  { data, dims }: Tensor,
  { name, path }: { name: string; path: string },
): Values<Float32Array> {
  if (data instanceof Float32Array) return { data, dims };
  if (data instanceof Float16Array || data instanceof Float64Array)
    return { data: Float32Array.from(data), dims };
  throw new Error(`output "${name}" of ${path} is not of floats`);
}
