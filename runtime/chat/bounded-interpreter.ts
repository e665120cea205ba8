import { type Environment, Interpreter } from "@huggingface/jinja";
import { requestBytes } from "../environment/budget.ts";

/** A template exceeds the limits below. */
export class TemplateTooCostly extends Error {
  override readonly name = "TemplateTooCostly";
}

/** Nodes that may be evaluated: about a second. Common templates take 50 to 100 for each message. */
const MAX_STEPS = 4_000_000;

const STEPS_BETWEEN = 64;

/** Characters and elements of one value, nested ones included. No tokenizer here reads a longer text. */
const MAX_SIZE = 2 ** 22;

/** The same limit for intermediate values of a filter, such as a text with every line indented. */
const MAX_PRODUCT = 2 ** 26;

/** Filters and methods whose result grows with the product of their arguments. */
const MULTIPLYING = ["replace", "join", "indent", "tojson"];

/** Nodes whose cost may exceed the size of their value. */
const PREPARED = ["For", "FilterExpression", "CallExpression"];

/** Bytes of all values together, and the bytes counted for a character, an element and an iteration of a loop. */
const MAX_BYTES = Math.min(2 ** 28, requestBytes(process.env));
const BYTES = { character: 2, element: 64, iteration: 1024 } as const;

/** The library's values and nodes; its type declarations do not resolve here. */
interface Value {
  readonly value: unknown;
}
interface Node {
  readonly type: string;
  readonly [part: string]: unknown;
}
interface Evaluator {
  run(program: unknown): Value;
  evaluate(node: Node | undefined, environment: Environment): Value;
}
const Base = Interpreter as unknown as new (environment: Environment) => Evaluator;

/** Evaluates a template within limits of steps, sizes and memory: a loop in it cannot be stopped from outside. */
export class BoundedInterpreter extends Base {
  readonly #between: () => void;
  readonly #sizes = new WeakMap<Value, number>();
  /** Called with the value of a node once it is evaluated. */
  readonly #checks = new WeakMap<Node, (value: Value) => void>();
  #steps = 0;
  #bytes = 0;

  /** @param between called between steps; may throw */
  constructor(environment: Environment, between: () => void) {
    super(environment);
    this.#between = between;
  }

  override evaluate(node: Node | undefined, environment: Environment): Value {
    if (++this.#steps > MAX_STEPS) throw new TemplateTooCostly(`it takes more than ${MAX_STEPS} steps`);
    if (this.#steps % STEPS_BETWEEN === 0) this.#between();
    if (node && PREPARED.includes(node.type)) this.#expect(node);
    const value = super.evaluate(node, environment);
    if (node?.type !== "Identifier") this.#charge(this.#bytesOf(value));
    if (node) this.#checks.get(node)?.(value);
    return value;
  }

  /** Registers checks for the values of a node's parts, before the node is evaluated with them. */
  #expect(node: Node): void {
    if (node.type === "For") {
      const iterable = node["iterable"] as Node;
      const list = iterable.type === "SelectExpression" ? (iterable["lhs"] as Node) : iterable;
      this.#checks.set(list, (value) => this.#charge(lengthOf(value) * BYTES.iteration));
    }
    const { name, operand, args } = callOf(node);
    if (!MULTIPLYING.includes(name)) return;
    // The operand of a method is evaluated last.
    let [size, factor] = [1, 1];
    const checked = (read: (value: Value) => void) => (value: Value) => {
      read(value);
      if (size * factor > MAX_PRODUCT)
        throw new TemplateTooCostly(`its ${name} makes more than ${MAX_PRODUCT} characters`);
    };
    this.#checks.set(
      operand,
      checked((value) => {
        size = this.#sizeOf(value);
      }),
    );
    for (const arg of args) {
      const given = arg.type === "KeywordArgumentExpression" ? (arg["value"] as Node) : arg;
      this.#checks.set(
        given,
        checked((value) => {
          factor = Math.max(factor, typeof value.value === "number" ? value.value : this.#sizeOf(value));
        }),
      );
    }
  }

  #charge(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > MAX_BYTES) throw new TemplateTooCostly(`it makes more than ${MAX_BYTES} bytes`);
  }

  #bytesOf(value: Value): number {
    if (this.#sizeOf(value) > MAX_SIZE)
      throw new TemplateTooCostly(`it makes a value of more than ${MAX_SIZE} characters`);
    return lengthOf(value) * (typeof value.value === "string" ? BYTES.character : BYTES.element);
  }

  /** Lists may contain each other many times: the printed size then grows faster than the memory. */
  #sizeOf(value: Value): number {
    const { value: inner } = value;
    if (typeof inner === "string") return inner.length;
    if (typeof inner !== "object" || inner === null) return 1;
    const known = this.#sizes.get(value);
    if (known !== undefined) return known;
    // For a value that contains itself, as a namespace may.
    this.#sizes.set(value, 1);
    const elements: Iterable<Value> = Array.isArray(inner)
      ? inner
      : inner instanceof Map
        ? inner.values()
        : [];
    let size = 1;
    for (const element of elements) size += this.#sizeOf(element);
    this.#sizes.set(value, size);
    return size;
  }
}

function lengthOf({ value }: Value): number {
  if (typeof value === "string" || Array.isArray(value)) return value.length;
  return value instanceof Map ? value.size : 0;
}

function callOf(node: Node): { name: string; operand: Node; args: readonly Node[] } {
  const isFilter = node.type === "FilterExpression";
  const call = (isFilter ? node["filter"] : node) as Node;
  const callee = call["callee"] as Node | undefined;
  const named = (isFilter ? callee : callee?.["property"]) as Node | undefined;
  return {
    name: call.type === "CallExpression" && typeof named?.["value"] === "string" ? named["value"] : "",
    operand: (isFilter ? node["operand"] : callee?.["object"]) as Node,
    args: (call["args"] as readonly Node[] | undefined) ?? [],
  };
}
