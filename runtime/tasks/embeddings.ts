import { type Row, runEncoder } from "../encoder.ts";
import type { Encoding } from "../encoding.ts";
import type { Model } from "../model.ts";
import { pool } from "../pooling.ts";
import type { Work } from "../work.ts";

/** A pooled vector for each text, in the texts' order. */
export function embed(model: Model, encodings: readonly Encoding[], work: Work): Promise<Float64Array[]> {
  const { pooling } = model.manifest;
  return runEncoder(model, encodings, { roles: ["vectors"], work }, ([row]) => pool(row as Row, pooling));
}
