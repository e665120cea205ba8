import { field, message, tensor } from "./tiny-onnx.ts";

const FLOAT = 1;
const UINT8 = 2;

/** A weight in a file beside the graph. */
const external = (location: string): Buffer =>
  message(
    field(1, 4),
    field(2, FLOAT),
    field(8, location),
    field(13, message(field(1, "location"), field(2, location))),
    field(13, message(field(1, "length"), field(2, "16"))),
    field(14, 1),
  );

const floats = (name: string, rank: number): Buffer => tensor(name, FLOAT, new Array(rank).fill("n"));

export interface OnnxContent {
  /** Name → number of dimensions. */
  readonly outputs?: Readonly<Record<string, number>>;
  /** Files that hold one weight each. */
  readonly locations?: readonly string[];
  /** The same, of a branch (of If, Loop) in the graph. */
  readonly inBranch?: readonly string[];
  readonly weights?: Uint8Array;
}

/** An ONNX file with the given outputs and weights: it can be read, not run. */
export function onnxFile({
  outputs = { last_hidden_state: 3 },
  locations = [],
  inBranch = [],
  weights = new Uint8Array(8),
}: OnnxContent = {}): Buffer {
  const branch = message(...inBranch.map((each) => field(5, external(each))), field(12, floats("inner", 1)));
  const embedded = message(
    field(1, weights.length),
    field(2, UINT8),
    field(8, "w"),
    field(9, Buffer.from(weights)),
  );
  const graph = message(
    field(
      1,
      message(field(1, "x"), field(4, "If"), field(5, message(field(1, "then_branch"), field(6, branch)))),
    ),
    ...locations.map((each) => field(5, external(each))),
    field(5, embedded),
    field(11, floats("input_ids", 2)),
    ...Object.entries(outputs).map(([name, rank]) => field(12, floats(name, rank))),
  );
  return message(field(1, 8), field(2, "test"), field(7, graph), field(8, field(2, 17)));
}
