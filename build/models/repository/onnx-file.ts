/**
 * What an ONNX file says of itself, read without its weights: a file of gigabytes takes milliseconds.
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
import { closeSync, openSync } from "node:fs";
import { type Port, TYPES } from "../../../models/graph/port.ts";
import { UserError } from "../../errors.ts";
import { Damaged, type Field, ProtobufFile } from "./protobuf.ts";

/** An input or output as the file has it: what it does not say is undefined. */
export interface FilePort extends Pick<Port, "name"> {
  readonly type: string | undefined;
  /** A dimension that is not fixed has a name, which may be empty. */
  readonly shape: Port["shape"] | undefined;
}

export interface OnnxFile {
  /** What has to be given to the graph: tensors that the file has no value for. */
  readonly inputs: readonly FilePort[];
  readonly outputs: readonly FilePort[];
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

/** The text of a field; empty where there is none. */
const textAt = (file: ProtobufFile, place: Place, number: number): string => {
  const field = those(file, place, number).at(-1);
  return field ? file.text(field) : "";
};

/** A fixed size is above 0; some exporters write 0 or -1 for one that is not fixed. */
function sizeOf(file: ProtobufFile, dimension: Field): number | string {
  const size = file.integer(dimension, 1) ?? 0;
  return size > 0 && size < 2 ** 31 ? size : textAt(file, dimension, 2);
}

/** Name, element type and shape of a value; undefined for one that is no tensor. */
function portOf(file: ProtobufFile, value: Field): FilePort | undefined {
  const type = follow(file, value, [2]);
  const tensor = follow(file, value, [2, 1]);
  if (type && !tensor) return undefined;
  const element = tensor && file.integer(tensor, 1);
  const shape = tensor && follow(file, tensor, [2]);
  return {
    name: textAt(file, value, 1),
    type: element === undefined ? undefined : (TYPES[element] ?? `type ${element}`),
    shape: shape && those(file, shape, 1).map((dimension) => sizeOf(file, dimension)),
  };
}

const portsAt = (file: ProtobufFile, graph: Place, number: number): FilePort[] =>
  those(file, graph, number).flatMap((value) => portOf(file, value) ?? []);

/** Older exports name weights among the inputs as well. */
function inputsOf(file: ProtobufFile, graph: Place): FilePort[] {
  const weights = new Set(those(file, graph, 5).map((tensor) => textAt(file, tensor, 8)));
  return portsAt(file, graph, 11).filter(({ name }) => !weights.has(name));
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
 * The inputs and outputs of a model's graph, and the files that its weights are in.
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
      inputs: inputsOf(file, graph),
      outputs: portsAt(file, graph, 12),
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
