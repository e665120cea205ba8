import type { Graph, Port, Values } from "./graph.ts";
import { type NativeSession, nativeSession, Tensor, TYPES } from "./ort.ts";

/** How whole numbers become what an input asks for. Exports of other frameworks ask for int32, or a float mask. */
const FROM_INTEGERS: Readonly<Record<string, (data: BigInt64Array) => Tensor["data"]>> = {
  int64: (data) => data,
  int32: (data) => Int32Array.from(data, Number),
  float32: (data) => Float32Array.from(data, Number),
  bool: (data) => Uint8Array.from(data, Number),
};

/**
 * Opens a model file with ONNX Runtime. It is given the path, not the bytes: ORT then maps external weights beside it
 * (model.onnx.data) instead of copying them.
 * @param threads threads per inference; ORT's own default counts the host's cores, not Lambda's share of them
 * @param optimized whether the graph is to be taken as it is: looking for what to optimize takes time and memory
 */
export function openSession(
  path: string,
  { threads, optimized = false }: { threads: number; optimized?: boolean | undefined },
): Graph {
  const session = nativeSession();
  session.loadModel(path, {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: optimized ? "disabled" : "all",
  });
  const inputs = portsOf(session.inputMetadata);
  const types = new Map(inputs.map(({ name, type }) => [name, type]));
  return {
    inputs,
    outputs: portsOf(session.outputMetadata),
    async run(feeds, outputs) {
      const tensors = Object.entries(feeds).map(([name, values]) => [
        name,
        toTensor(values, types.get(name)),
      ]);
      const wanted = Object.fromEntries(outputs.map((name) => [name, null]));
      const results = session.run(Object.fromEntries(tensors), wanted, {});
      return outputs.map((name) => toFloats(results[name] as Tensor, { name, path }));
    },
    close: async () => session.dispose(),
  };
}

function portsOf(ports: NativeSession["inputMetadata"]): Port[] {
  return ports
    .filter(({ isTensor }) => isTensor)
    .map(({ name, type, shape, symbolicDimensions }) => ({
      name,
      type: TYPES[type] ?? `type ${type}`,
      shape: shape.map((size, i) => (size < 0 ? (symbolicDimensions[i] ?? "") : size)),
    }));
}

function toTensor(
  { data, dims }: Values<BigInt64Array | Float32Array>,
  type: Port["type"] = "int64",
): Tensor {
  if (data instanceof Float32Array) return new Tensor("float32", data, dims);
  const convert = FROM_INTEGERS[type];
  if (!convert) throw new Error(`an input of type ${type} cannot be given`);
  return new Tensor(type, convert(data), dims);
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
