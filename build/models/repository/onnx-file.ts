/**
 * What an ONNX file says of itself, read without its weights: a file of gigabytes takes milliseconds.
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
import { closeSync, openSync } from "node:fs";
import { UserError } from "../../errors.ts";
import { Damaged, type Field, ProtobufFile } from "./protobuf.ts";

export interface GraphOutput {
  readonly name: string;
  /** Number of dimensions, where the file says it. */
  readonly rank: number | undefined;
}

export interface OnnxFile {
  readonly outputs: readonly GraphOutput[];
  /** Files that hold weights, as the graph names them: paths from its own folder on. */
  readonly locations: readonly string[];
}

/** The fields that lead to tensors, by message and number. */
const FIELDS = {
  ModelProto: { 7: "GraphProto", 20: "TrainingInfoProto", 25: "FunctionProto" },
  TrainingInfoProto: { 1: "GraphProto", 2: "GraphProto" },
  GraphProto: { 1: "NodeProto", 5: "TensorProto", 15: "SparseTensorProto" },
  FunctionProto: { 7: "NodeProto", 11: "AttributeProto" },
  NodeProto: { 5: "AttributeProto" },
  AttributeProto: {
    5: "TensorProto",
    6: "GraphProto",
    10: "TensorProto",
    11: "GraphProto",
    22: "SparseTensorProto",
    23: "SparseTensorProto",
  },
  SparseTensorProto: { 1: "TensorProto", 2: "TensorProto" },
  TensorProto: {},
} as const;
type Message = keyof typeof FIELDS;

/** As many as protobuf's own readers follow. */
const DEEPEST = 100;

type Place = Omit<Field, "number">;

/** The fields of one number in a message. */
const those = (file: ProtobufFile, place: Place, number: number): Field[] =>
  [...file.fields(place)].filter((field) => field.number === number);

/** What stands at the end of a path of field numbers; the last field rules where there are several. */
function follow(file: ProtobufFile, place: Place, path: readonly number[]): Place | undefined {
  return path.reduce<Place | undefined>((at, number) => at && those(file, at, number).at(-1), place);
}

/** Its name, and the dimensions of its type's tensor's shape. */
function outputOf(file: ProtobufFile, value: Field): GraphOutput {
  const name = those(file, value, 1).at(-1);
  const shape = follow(file, value, [2, 1, 2]);
  return { name: name ? file.text(name) : "", rank: shape && those(file, shape, 1).length };
}

/** Where a tensor's data is, if it is in another file. */
function locationsOf(file: ProtobufFile, tensor: Place): string[] {
  const texts = (entry: Field, number: number) => those(file, entry, number).map((field) => file.text(field));
  return those(file, tensor, 13).flatMap((entry) =>
    texts(entry, 1)[0] === "location" ? texts(entry, 2) : [],
  );
}

function* locationsIn(file: ProtobufFile, place: Place, message: Message, depth = 0): Generator<string> {
  if (depth > DEEPEST) throw new Damaged();
  if (message === "TensorProto") yield* locationsOf(file, place);
  const known: Readonly<Record<number, Message>> = FIELDS[message];
  for (const field of file.fields(place)) {
    const inner = known[field.number];
    if (inner) yield* locationsIn(file, field, inner, depth + 1);
  }
}

/**
 * The outputs of a model's graph, and the files that its weights are in.
 * @param shown the file's name for messages
 * @throws UserError (exit 2) when it is not ONNX, or is cut off
 */
export function readOnnxFile(path: string, shown: string): OnnxFile {
  const descriptor = openSync(path, "r");
  try {
    const file = new ProtobufFile(descriptor);
    const model = { start: 0, end: file.size };
    const [graph] = those(file, model, 7);
    if (!graph) throw new Damaged();
    return {
      outputs: those(file, graph, 12).map((value) => outputOf(file, value)),
      locations: [...new Set(locationsIn(file, model, "ModelProto"))],
    };
  } catch (error) {
    if (!(error instanceof Damaged)) throw error;
    throw new UserError(`${shown} is not a whole ONNX file`, {
      hint: "It is damaged, cut off, or another kind of file.",
      cause: error,
    });
  } finally {
    closeSync(descriptor);
  }
}
