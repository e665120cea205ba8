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

/** Element types by name. */
const TYPE = { float32: 1, int32: 6, int64: 7, bool: 9, float16: 10, float64: 11, bfloat16: 16 } as const;
export type ElementType = keyof typeof TYPE;
const { float32: FLOAT, int64: INT64 } = TYPE;

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

const integer = (name: string, value: number) => message(field(1, name), field(3, value), field(20, 2));
const integers = (name: string, values: number[]) =>
  message(field(1, name), ...values.map((value) => field(8, value)), field(20, 7));

function node(op: string, inputs: string[], output: string, ...attributes: Buffer[]): Buffer {
  const names = [...inputs.map((input) => field(1, input)), field(2, output), field(4, op)];
  return message(...names, ...attributes.map((attribute) => field(5, attribute)));
}

/** An input or output: its element type and dimensions, a name for each that is open. */
export interface TinyPort {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly (string | number)[];
}

export interface TinyDecoderOptions {
  /** The input whose sum is the next token. */
  readonly source: TinyPort;
  /** Further inputs, which nothing is computed from. */
  readonly others?: readonly TinyPort[];
  /** Of the logits and the cache. */
  readonly floats?: ElementType;
  readonly past?: readonly (string | number)[];
}

/**
 * A real decoder of 32 tokens with a cache of one number per token, its id. The next token is the sum of all that one of
 * its inputs is given.
 */
export function tinyDecoder({
  source,
  others = [],
  floats = "float32",
  past = ["batch_size", 1, "past_sequence_length", 1],
}: TinyDecoderOptions): Buffer {
  const key = { name: "past_key_values.0.key", type: floats, dims: past };
  const inputs = [
    { name: "input_ids", type: "int64", dims: ["batch", "tokens"] } as const,
    key,
    source,
    ...others,
  ];
  const known = inputs.filter(({ name }, i) => inputs.findLastIndex((input) => input.name === name) === i);
  const graph = message(
    ...[
      node("Cast", ["input_ids"], "ids", integer("to", TYPE[floats])),
      node("Unsqueeze", ["ids"], "fresh", integers("axes", [1, 3])),
      node("Concat", [key.name, "fresh"], "present.0.key", integer("axis", 2)),
      node("Cast", [source.name], "numbers", integer("to", FLOAT)),
      node("ReduceSum", ["numbers"], "sum", integer("keepdims", 0)),
      node("Sub", ["vocabulary", "sum"], "difference"),
      node("Abs", ["difference"], "distance"),
      node("Neg", ["distance"], "scores"),
      node("Unsqueeze", ["scores"], "row", integers("axes", [0, 1])),
      node("Cast", ["row"], "logits", integer("to", TYPE[floats])),
    ].map((each) => field(1, each)),
    field(2, "decoder"),
    field(
      5,
      message(
        field(1, 32),
        field(2, FLOAT),
        field(8, "vocabulary"),
        field(9, Buffer.from(Float32Array.from({ length: 32 }, (_, i) => i).buffer)),
      ),
    ),
    ...known.map(({ name, type, dims }) => field(11, tensor(name, TYPE[type], [...dims]))),
    field(12, tensor("logits", TYPE[floats], ["batch", 1, 32])),
    field(12, tensor("present.0.key", TYPE[floats], ["batch", 1, "total", 1])),
  );
  return message(field(1, 7), field(7, graph), field(8, message(field(1, ""), field(2, 11))));
}
