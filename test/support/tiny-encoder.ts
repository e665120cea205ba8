import { field, message, tensor } from "./tiny-onnx.ts";

const TYPES = { float32: 1, int32: 6, int64: 7, bool: 9, float16: 10 } as const;

interface TinyInput {
  readonly name: string;
  readonly type: keyof typeof TYPES;
  readonly shape: readonly (string | number)[];
}

export interface TinyEncoderOptions {
  /** Of the ids; [batch, tokens] of int64 when not given. */
  readonly ids?: Partial<Omit<TinyInput, "name">>;
  /** Rows of a table of positions; then the graph asks for `position_ids` too, and adds what it finds there: 0. */
  readonly positions?: number;
  /** A further input, from which nothing is computed. */
  readonly asks?: TinyInput;
}

function node(operator: string, inputs: readonly string[], output: string, ...attributes: Buffer[]): Buffer {
  const names = [...inputs.map((input) => field(1, input)), field(2, output), field(4, operator)];
  return field(1, message(...names, ...attributes.map((attribute) => field(5, attribute))));
}

const zeros = (name: string, rows: number) =>
  field(
    5,
    message(field(1, rows), field(2, TYPES.float32), field(8, name), field(9, Buffer.alloc(4 * rows))),
  );

const input = ({ name, type, shape }: TinyInput) => field(11, tensor(name, TYPES[type], [...shape]));

/** A real model.onnx that gives each token's id as its vector, and asks for its inputs as exports of many kinds do. */
export function tinyEncoder({ ids = {}, positions, asks }: TinyEncoderOptions = {}): Buffer {
  const { type = "int64", shape = ["batch", "tokens"] } = ids;
  const to = message(field(1, "to"), field(3, TYPES.float32), field(20, 2));
  const axes = message(field(1, "axes"), field(8, shape.length), field(20, 7));
  const places: TinyInput = { name: "position_ids", type: "int64", shape };
  const graph = message(
    node("Cast", ["input_ids"], "ids", to),
    ...(positions === undefined
      ? [node("Identity", ["ids"], "floats")]
      : [node("Gather", ["positions", places.name], "places"), node("Add", ["ids", "places"], "floats")]),
    node("Unsqueeze", ["floats"], "output", axes),
    field(2, "tiny"),
    ...(positions === undefined ? [] : [zeros("positions", positions), input(places)]),
    input({ name: "input_ids", type, shape }),
    ...(asks === undefined ? [] : [input(asks)]),
    field(12, tensor("output", TYPES.float32, [...shape, 1])),
  );
  return message(field(1, 7), field(7, graph), field(8, message(field(1, ""), field(2, 11))));
}
