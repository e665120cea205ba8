/**
 * What tasks accept of a graph's inputs and outputs, by what the file says of them. The runtime goes by these rules when it
 * opens a model, and the build before it makes anything.
 */

/** What a graph says of one of its inputs or outputs; a dimension that is not fixed has a name, not a number. */
export interface Port {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

export interface Ports {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/** Element types by their number in ONNX: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
export const TYPES: readonly (string | undefined)[] = [
  undefined,
  "float32",
  "uint8",
  "int8",
  "uint16",
  "int16",
  "int32",
  "int64",
  "string",
  "bool",
  "float16",
  "float64",
];

export const listed = (ports: readonly Port[]): string =>
  ports.map(({ name, type, shape }) => `${name}: ${type}[${shape.join(", ")}]`).join("; ");
