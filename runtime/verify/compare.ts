import { compared, type ExpectedRun, type Tensor } from "./question.ts";
import type { Run } from "./record.ts";

/** Largest difference, relative to an output's largest value: builds of ONNX Runtime may add in different orders. */
const TOLERANCE = 0.001;

const listed = (numbers: readonly number[]) => `[${numbers.join(", ")}]`;

function difference(name: string, made: readonly number[], wanted: readonly number[]): string | undefined {
  const at = wanted.findIndex((number, i) => number !== made[i]);
  if (at < 0 && made.length === wanted.length) return undefined;
  const from = Math.max(0, (at < 0 ? wanted.length : at) - 2);
  return `${name} is … ${listed(made.slice(from, from + 6))}, and in Python … ${listed(wanted.slice(from, from + 6))}`;
}

function compareInput(name: string, run: Run, wanted: Tensor): string | undefined {
  const made = run.feeds[name];
  if (!made) return `${name} is not given`;
  if (listed(made.dims) !== listed(wanted.dims))
    return `${name} is ${listed(made.dims)}, and in Python ${listed(wanted.dims)}`;
  return difference(name, Array.from<number | bigint, number>(made.data, Number), wanted.data);
}

function compareOutput(name: string, run: Run, wanted: Tensor): string | undefined {
  const made = run.outputs[name];
  if (!made) return undefined;
  if (listed(made.dims) !== listed(wanted.dims))
    return `output ${name} is ${listed(made.dims)}, and in Python ${listed(wanted.dims)}`;
  const largest = wanted.data.reduce((most, number) => Math.max(most, Math.abs(number)), 0);
  const values = compared(made.data);
  const at = wanted.data.findIndex(
    (number, i) => !(Math.abs(number - (values[i] ?? Number.NaN)) <= TOLERANCE * largest + 1e-6),
  );
  return at < 0 ? undefined : `output ${name} has ${values[at]}, and in Python ${wanted.data[at]}`;
}

/** Describes the first difference from Python's runs; undefined if there is none. */
export function differenceOf(made: readonly Run[], wanted: readonly ExpectedRun[]): string | undefined {
  if (made.length < wanted.length)
    return `its graph ran ${made.length} times, and in Python ${wanted.length} times`;
  for (const [i, expected] of wanted.entries()) {
    const run = made[i] as Run;
    const inputs = Object.entries(expected.inputs).map(([name, tensor]) => compareInput(name, run, tensor));
    const outputs = Object.entries(expected.outputs).map(([name, tensor]) =>
      compareOutput(name, run, tensor),
    );
    const found = [...inputs, ...outputs].find((each) => each !== undefined);
    if (found) return found;
  }
  return undefined;
}
