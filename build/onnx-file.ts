/**
 * What an ONNX file says of itself, read without its weights: fields of the protobuf that nobody asks for are skipped, so
 * a file of gigabytes takes milliseconds. https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { UserError } from "./errors.ts";

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

type Message = keyof typeof FIELDS;

/** The fields that lead to outputs and to tensors, by message and number. */
const FIELDS = {
  ModelProto: { 7: "GraphProto", 20: "TrainingInfoProto", 25: "FunctionProto" },
  TrainingInfoProto: { 1: "GraphProto", 2: "GraphProto" },
  GraphProto: { 1: "NodeProto", 5: "TensorProto", 12: "ValueInfoProto", 15: "SparseTensorProto" },
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
  TensorProto: { 13: "StringStringEntryProto" },
  StringStringEntryProto: { 1: "string", 2: "string" },
  ValueInfoProto: { 1: "string", 2: "TypeProto" },
  TypeProto: { 1: "TypeProto.Tensor" },
  "TypeProto.Tensor": { 2: "TensorShapeProto" },
  TensorShapeProto: { 1: "Dimension" },
  Dimension: {},
  string: {},
} as const;

/** A message's fields that were asked for, in the order of the file. */
interface Field {
  readonly message: Message;
  readonly number: number;
  readonly start: number;
  readonly end: number;
}

const WINDOW = 64 * 1024;

class Damaged extends Error {}

/** Reads a file at any place, a window of it at a time. */
class Reader {
  readonly #file: number;
  readonly size: number;
  readonly #window = Buffer.alloc(WINDOW);
  #from = 0;
  #length = 0;

  constructor(file: number) {
    this.#file = file;
    this.size = fstatSync(file).size;
  }

  byte(at: number): number {
    if (at < this.#from || at >= this.#from + this.#length) {
      this.#from = at;
      this.#length = readSync(this.#file, this.#window, 0, WINDOW, at);
      if (this.#length === 0) throw new Damaged();
    }
    return this.#window[at - this.#from] as number;
  }

  varint(at: number): [value: number, next: number] {
    let value = 0;
    for (let i = 0; i < 10; i++) {
      const byte = this.byte(at + i);
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return [value, at + i + 1];
    }
    throw new Damaged();
  }

  text({ start, end }: Field): string {
    const bytes = Buffer.alloc(end - start);
    readSync(this.#file, bytes, 0, bytes.length, start);
    return bytes.toString();
  }

  /** The fields of a message that FIELDS names. */
  *fields({ message, start, end }: Omit<Field, "number">): Generator<Field> {
    const known: Readonly<Record<number, Message>> = FIELDS[message];
    for (let at = start; at < end; ) {
      const [tag, value] = this.varint(at);
      const number = Math.floor(tag / 8);
      const [length, begin] = this.#extent(tag % 8, value);
      at = begin + length;
      if (number === 0 || at > end) throw new Damaged();
      const inner = known[number];
      if (inner && tag % 8 === 2) yield { message: inner, number, start: begin, end: at };
    }
  }

  /** How long the value of a wire type is, and where it begins. */
  #extent(wireType: number, at: number): [length: number, begin: number] {
    if (wireType === 0) return [0, this.varint(at)[1]];
    if (wireType === 1) return [8, at];
    if (wireType === 2) return this.varint(at);
    if (wireType === 5) return [4, at];
    throw new Damaged();
  }
}

function outputOf(reader: Reader, value: Field): GraphOutput {
  let name = "";
  let rank: number | undefined;
  const read = (field: Field): void => {
    if (field.message === "string") name = reader.text(field);
    else if (field.message === "TensorShapeProto") rank = [...reader.fields(field)].length;
    else for (const inner of reader.fields(field)) read(inner);
  };
  for (const field of reader.fields(value)) read(field);
  return { name, rank };
}

function entryOf(reader: Reader, entry: Field): [key: string, value: string] {
  const [key, value] = [...reader.fields(entry)].sort((a, b) => a.number - b.number);
  return [key ? reader.text(key) : "", value ? reader.text(value) : ""];
}

/**
 * The outputs of a model's graph, and the files that its weights are in.
 * @param shown the file's name for messages
 * @throws UserError (exit 2) when it is not ONNX, or is cut off
 */
export function readOnnxFile(path: string, shown: string): OnnxFile {
  const file = openSync(path, "r");
  try {
    const reader = new Reader(file);
    const outputs: GraphOutput[] = [];
    const locations = new Set<string>();
    let graphs = 0;
    const walk = (field: Omit<Field, "number">, depth: number): void => {
      for (const inner of reader.fields(field)) {
        if (inner.message === "StringStringEntryProto") {
          const [key, value] = entryOf(reader, inner);
          if (key === "location") locations.add(value);
        } else if (inner.message === "ValueInfoProto") {
          // Depth 1: the model's own graph, and not a branch of it.
          if (depth === 1 && field.message === "GraphProto") outputs.push(outputOf(reader, inner));
        } else {
          if (depth === 0 && inner.message === "GraphProto") graphs++;
          walk(inner, depth + 1);
        }
      }
    };
    walk({ message: "ModelProto", start: 0, end: reader.size }, 0);
    if (graphs !== 1) throw new Damaged();
    return { outputs, locations: [...locations] };
  } catch (error) {
    if (!(error instanceof Damaged)) throw error;
    throw new UserError(`${shown} is not a whole ONNX file`, {
      hint: "It is damaged, cut off, or another kind of file.",
      cause: error,
    });
  } finally {
    closeSync(file);
  }
}
