/**
 * Small ONNX files: a graph of one node with given outputs and weights, as https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 * lays them out. Nothing of them can be run.
 */

type Bytes = Uint8Array;

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
}

/** A field with a length: a text or another message. */
function field(number: number, value: Bytes | string): Bytes {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes]);
}

const integer = (number: number, value: number): Bytes =>
  Buffer.from([...varint(number * 8), ...varint(value)]);
const message = (...fields: Bytes[]): Bytes => Buffer.concat(fields);

/** A weight in a file beside the graph. */
const external = (location: string): Bytes =>
  message(
    integer(1, 4),
    integer(2, 1),
    field(8, location),
    field(13, message(field(1, "location"), field(2, location))),
    field(13, message(field(1, "length"), field(2, "16"))),
    integer(14, 1),
  );

const embedded = (bytes: Bytes): Bytes =>
  message(integer(1, bytes.length), integer(2, 3), field(8, "w"), field(9, bytes));

/** A tensor of floats with so many dimensions. */
const floats = (name: string, rank: number): Bytes => {
  const shape = message(...Array.from({ length: rank }, () => field(1, field(2, "n"))));
  return message(field(1, name), field(2, field(1, message(integer(1, 1), field(2, shape)))));
};

export interface OnnxContent {
  /** Name → number of dimensions. */
  readonly outputs?: Readonly<Record<string, number>>;
  /** Files that hold one weight each. */
  readonly locations?: readonly string[];
  /** The same, of a branch (of If, Loop) in the graph. */
  readonly inBranch?: readonly string[];
  readonly weights?: Bytes;
}

/** The bytes of an ONNX file. */
export function onnxFile({
  outputs = { last_hidden_state: 3 },
  locations = [],
  inBranch = [],
  weights = new Uint8Array(8),
}: OnnxContent = {}): Buffer {
  const branch = message(field(2, "branch"), ...inBranch.map((each) => field(5, external(each))));
  const node = message(
    field(1, "x"),
    field(4, "If"),
    field(5, message(field(1, "then_branch"), field(6, message(branch, field(12, floats("inner", 1)))))),
  );
  const graph = message(
    field(1, node),
    field(2, "graph"),
    ...locations.map((each) => field(5, external(each))),
    field(5, embedded(weights)),
    field(11, floats("input_ids", 2)),
    ...Object.entries(outputs).map(([name, rank]) => field(12, floats(name, rank))),
  );
  return Buffer.from(message(integer(1, 8), field(2, "test"), field(7, graph), field(8, integer(2, 17))));
}
