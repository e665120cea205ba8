import { loadNative } from "../native-packages/load.ts";
import type { Numbers } from "./graph.ts";

/**
 * ONNX Runtime's native part, without the JavaScript of onnxruntime-node around it: its fifty files take longer to load
 * than everything else that this program is made of. What is used of it is what their backend.js uses (1.30).
 */
export interface NativeSession {
  loadModel(path: string, options: object): void;
  readonly inputMetadata: readonly NativePort[];
  readonly outputMetadata: readonly NativePort[];
  run(
    feeds: Readonly<Record<string, Tensor>>,
    outputs: Readonly<Record<string, null>>,
    options: object,
  ): Record<string, Tensor>;
  dispose(): void;
}

/** An input or output of a graph: -1 in `shape` stands for the dimension's name. */
interface NativePort {
  readonly name: string;
  readonly isTensor: boolean;
  readonly type: number;
  readonly shape: readonly number[];
  readonly symbolicDimensions: readonly string[];
}

interface Binding {
  readonly InferenceSession: new () => NativeSession;
  initOrtOnce(logLevel: number, tensor: typeof Tensor, isMainThread: boolean): void;
}

type TensorData = Exclude<Numbers, Float16Array> | Uint16Array;

/** What the native part takes and makes: these properties, and this order in the constructor. */
export class Tensor {
  readonly type: string;
  readonly data: TensorData;
  readonly dims: readonly number[];
  readonly location = "cpu";

  constructor(type: string, data: TensorData, dims: readonly number[]) {
    this.type = type;
    this.data = data;
    this.dims = dims;
  }
}

/** What goes wrong is thrown as well; lesser levels would be lines of text among the log's JSON. */
const FATAL = 4;

let binding: Binding | undefined;

/** Loads the native part, once. */
export function loadOrt(): Binding {
  if (!binding) {
    const place = `onnxruntime-node/bin/napi-v6/${process.platform}/${process.arch}/onnxruntime_binding.node`;
    // Microsoft's builds for Linux report every session to them unless told not to before they are loaded (since 1.29).
    process.env["ORT_DISABLE_TELEMETRY"] ??= "1";
    binding = loadNative<Binding>(place);
    binding.initOrtOnce(FATAL, Tensor, true);
  }
  return binding;
}

export function nativeSession(): NativeSession {
  const { InferenceSession } = loadOrt();
  return new InferenceSession();
}
