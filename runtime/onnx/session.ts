import { TYPES } from "../../models/graph/port.ts";
import type { Graph, Numbers, Port, Values } from "./graph.ts";
import { type NativeSession, nativeSession, Tensor } from "./native-binding.ts";

/** Conversions by the input's type. Exports of other frameworks have inputs of int32, float masks or half precision. */
const TYPED: Readonly<Record<string, (numbers: readonly number[]) => Numbers>> = {
  int64: (numbers) => BigInt64Array.from(numbers, BigInt),
  int32: (numbers) => Int32Array.from(numbers),
  float32: (numbers) => Float32Array.from(numbers),
  float64: (numbers) => Float64Array.from(numbers),
  float16: (numbers) => Float16Array.from(numbers),
  bool: (numbers) => Uint8Array.from(numbers),
};

export function canFeed(type: Port["type"]): boolean {
  return Object.hasOwn(TYPED, type);
}

/**
 * Opens a model file with ONNX Runtime, by its path: ORT then maps external weights (model.onnx.data) instead of
 * copying them.
 * @param threads threads per inference; ORT's default is the host's number of cores, not Lambda's share of them
 * @param optimized whether the graph is already optimized: another optimization would take time and memory
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
      return outputs.map((name) => toValues(results[name] as Tensor));
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

function typeOf(data: Numbers): Port["type"] {
  if (data instanceof BigInt64Array) return "int64";
  if (data instanceof Int32Array) return "int32";
  if (data instanceof Float16Array) return "float16";
  if (data instanceof Float64Array) return "float64";
  return data instanceof Uint8Array ? "bool" : "float32";
}

function toTensor({ data, dims }: Values<Numbers>, type: Port["type"] = typeOf(data)): Tensor {
  if (type === typeOf(data)) return new Tensor(type, toNative(data), dims);
  const typed = TYPED[type];
  if (!typed) throw new Error(`inputs of type ${type} are not supported`);
  return new Tensor(type, toNative(typed(Array.from(data, Number))), dims);
}

/** The native part represents half-precision floats by their bits, as unsigned integers. */
function toNative(data: Numbers): Tensor["data"] {
  return data instanceof Float16Array ? new Uint16Array(data.buffer, data.byteOffset, data.length) : data;
}

function toValues({ data, dims }: Tensor): Values<Numbers> {
  // No model that this runtime serves has an output of unsigned 16-bit integers.
  if (!(data instanceof Uint16Array)) return { data, dims };
  return { data: new Float16Array(data.buffer, data.byteOffset, data.length), dims };
}
