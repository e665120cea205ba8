import { loadNative } from "../native-packages/load.ts";
import type { Numbers } from "./graph.ts";

/**
 * ONNX Runtime's native part without the JavaScript of onnxruntime-node, whose fifty files take longer to load than the
 * rest of this program. Only the functions that its backend.js uses (1.30) are declared.
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

/** In `shape`, -1 stands for a dimension with a name. */
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

/** The native part requires these properties, and this order in the constructor. */
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

/** Errors are thrown too; lower levels would write text among the JSON lines of the log. */
const FATAL = 4;

let binding: Binding | undefined;

export function loadOrt(): Binding {
  if (!binding) {
    const place = `onnxruntime-node/bin/napi-v6/${process.platform}/${process.arch}/onnxruntime_binding.node`;
    // Since 1.29, Microsoft's builds for Linux send telemetry for every session unless this is set before they are
    // loaded.
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
