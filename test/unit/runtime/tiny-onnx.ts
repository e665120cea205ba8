/** One protobuf field: a number as a varint, anything else length-delimited. Enough for what stands below. */
export function field(id: number, value: number | string | Buffer): Buffer {
  if (typeof value === "number") return Buffer.concat([varint(id << 3), varint(value)]);
  const bytes = Buffer.from(value);
  return Buffer.concat([varint((id << 3) | 2), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  return Buffer.from([...bytes, rest]);
}

export const message = (...fields: Buffer[]) => Buffer.concat(fields);

const FLOAT = 1;
const INT64 = 7;

/** A weight whose four bytes are said to be in another file. */
function externalWeight(location: string): Buffer {
  const entry = (key: string, value: string) => field(13, message(field(1, key), field(2, value)));
  return message(
    field(1, 1),
    field(2, FLOAT),
    field(8, "weight"),
    entry("location", location),
    entry("length", "4"),
    field(14, 1),
  );
}

export interface TinyOptions {
  readonly opset?: number;
  /** Where the file says that a weight of it is. */
  readonly weightIn?: string;
}

export function tensor(name: string, type: number, dims: (string | number)[]): Buffer {
  const shape = dims.map((dim) => field(1, message(field(typeof dim === "number" ? 1 : 2, dim))));
  const tensorType = message(field(1, type), field(2, message(...shape)));
  return message(field(1, name), field(2, message(field(1, tensorType))));
}

/**
 * A real model.onnx of 200 bytes: int64 `input_ids` [batch, tokens] become float `output` [batch, tokens, 1], each
 * token's vector its id. Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
export function tinyOnnx({ opset = 11, weightIn }: TinyOptions = {}): Buffer {
  const to = message(field(1, "to"), field(3, FLOAT), field(20, 2));
  const cast = message(field(1, "input_ids"), field(2, "floats"), field(4, "Cast"), field(5, to));
  const axes = message(field(1, "axes"), field(8, 2), field(20, 7));
  const unsqueeze = message(field(1, "floats"), field(2, "output"), field(4, "Unsqueeze"), field(5, axes));
  const graph = message(
    field(1, cast),
    field(1, unsqueeze),
    field(2, "tiny"),
    ...(weightIn === undefined ? [] : [field(5, externalWeight(weightIn))]),
    field(11, tensor("input_ids", INT64, ["batch", "tokens"])),
    field(12, tensor("output", FLOAT, ["batch", "tokens", 1])),
  );
  return message(field(1, 7), field(7, graph), field(8, message(field(1, ""), field(2, opset))));
}
