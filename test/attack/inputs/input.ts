/** One hostile event and the function that it is sent to. */
export interface Input {
  readonly name: string;
  /** The model of the function, by its name in test/attack/models.ts. */
  readonly model: string;
  /** The event as the function gets it: a value, or text that need not be JSON. Made when it is sent. */
  readonly event: () => unknown;
  /** The function's memory in MB; default: 512. */
  readonly memory?: number;
  /** Milliseconds that the invocation may take; default: 2000. */
  readonly deadline?: number;
  /** AWS_LAMBDA_MAX_CONCURRENCY; the event is sent to every slot at once. Default: 1. */
  readonly slots?: number;
  /** Files of the model's folder with another content. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Names of inputs with what sets each apart, for one model. */
export const inputsFor = (
  model: string,
  inputs: Readonly<Record<string, (() => unknown) | Omit<Input, "name" | "model">>>,
): Input[] =>
  Object.entries(inputs).map(([name, input]) => ({
    name,
    model,
    ...(typeof input === "function" ? { event: input } : input),
  }));

/** The same value `count` times. */
export const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

/** Characters in an event that Lambda still hands over. */
const LARGEST = 5_900_000;

/** An event's text of nearly 6 MB made of the same again and again. */
export const fill = (unit: string, bytes = LARGEST): string =>
  unit.repeat(Math.floor(bytes / Buffer.byteLength(unit)));
