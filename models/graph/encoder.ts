import { findOutput, type OutputRole } from "./outputs.ts";
import type { Port, Ports } from "./port.ts";

/** What texts give to a graph that reads them whole. */
const ENCODER_INPUTS = ["input_ids", "attention_mask", "token_type_ids", "position_ids"] as const;
export type EncoderInput = (typeof ENCODER_INPUTS)[number];
const INPUTS: readonly string[] = ENCODER_INPUTS;

/** Throws when a graph asks for an input that texts alone do not give. */
export function checkInputs(inputs: readonly Pick<Port, "name">[]): void {
  const unknown = inputs.filter(({ name }) => !INPUTS.includes(name));
  if (unknown.length === 0) return;
  throw new Error(
    `the graph asks for ${unknown.map(({ name }) => name).join(", ")}; an encoder task gives ${INPUTS.join(", ")}`,
  );
}

/** Sizes that a graph fixes for the rows that it is fed with; what it leaves open is not there. */
export interface FixedSizes {
  readonly texts?: number;
  readonly tokens?: number;
}

/**
 * The sizes in the shapes of a graph's inputs [texts, tokens].
 * @throws when an input has another rank, so that no row of a text fits it
 */
export function fixedSizes(inputs: readonly Pick<Port, "name" | "shape">[]): FixedSizes {
  const odd = inputs.find(({ shape }) => shape.length !== 2 && shape.length !== 0);
  if (odd)
    throw new Error(
      `the graph's input ${odd.name} has ${odd.shape.length} dimensions; an encoder task gives [texts, tokens]`,
    );
  const fixed = (axis: 0 | 1) =>
    inputs.map(({ shape }) => shape[axis]).find((size) => typeof size === "number");
  const [texts, tokens] = [fixed(0), fixed(1)];
  return { ...(texts !== undefined && { texts }), ...(tokens !== undefined && { tokens }) };
}

/**
 * @param named outputs that the spec names
 * @throws Error when a graph cannot be fed with texts, or lacks the outputs
 */
export function checkEncoder(
  { inputs, outputs }: Ports,
  roles: readonly OutputRole[],
  named: Partial<Readonly<Record<OutputRole, string | undefined>>> = {},
): void {
  checkInputs(inputs);
  fixedSizes(inputs);
  for (const role of roles) findOutput(role, outputs, named[role]);
}
