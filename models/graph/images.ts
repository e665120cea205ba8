import { listed, type Port } from "./port.ts";

/** The one input that pictures go into, and where the colours are in it. */
export interface ImageInput {
  readonly name: string;
  readonly channelOrder: "NCHW" | "NHWC";
  /** Whether it takes one picture at a time. */
  readonly single: boolean;
}

/** @throws Error when a graph cannot be fed with pictures */
export function findImageInput(inputs: readonly Port[]): ImageInput {
  const [port, ...others] = inputs;
  const [batch, ...rest] = port?.shape ?? [];
  if (port === undefined || others.length > 0 || rest.length !== 3 || port.type !== "float32") {
    throw new Error(
      `image-classification needs a graph with one input of floats [batch, 3, height, width], and this one has ${listed(inputs)}`,
    );
  }
  if (typeof batch === "number" && batch !== 1) {
    throw new Error(
      `the graph takes ${batch} pictures at once: export it with a batch that is not fixed, or is 1`,
    );
  }
  const channelOrder = rest[0] !== 3 && rest[2] === 3 ? "NHWC" : "NCHW";
  return { name: port.name, channelOrder, single: batch === 1 };
}
