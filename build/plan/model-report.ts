import { z } from "zod";

const bytesByType = z.record(z.string(), z.int().nonnegative());

/** What the stage in images/model says of a model (convert.py, gate.py). */
export const modelReport = z.object({
  /** Figure → value: `cosine.min`, `cosine.mean`, `agreement.mean`, … */
  figures: z.record(z.string(), z.number()),
  /** How many inputs they were taken from. */
  samples: z.int().positive(),
  /** Set where figures are outside of the gate's limits: what is wrong, as text, and the limits at fault. */
  failure: z.object({ text: z.string(), limits: z.record(z.string(), z.number()) }).optional(),
  /** File → bytes of its weights per type: in the source, as quantized, and as ONNX Runtime has them in memory. */
  graphs: z.record(
    z.string(),
    z.object({
      source: bytesByType,
      weights: bytesByType,
      loaded: bytesByType,
      notes: z.array(z.string()),
    }),
  ),
});
export type ModelReport = z.output<typeof modelReport>;

/** The figures that tell most of a model, the most telling first, with the sign between them and their value. */
const TELLING: readonly [figure: string, sign: string][] = [
  ["cosine.min", "cosine ≥"],
  ["agreement.mean", "agreement"],
  ["shift.max", "shift ≤"],
  ["kl.max", "kl ≤"],
];

/** How near a model's answers are to those of its source, in one figure: `cosine ≥ 0.988`. */
export function tellingFigure({ figures }: ModelReport): string {
  for (const [figure, sign] of TELLING)
    if (figures[figure] !== undefined) return `${sign} ${figures[figure]}`;
  return "";
}

/** What the stage found that a person would not expect of a model, a line each. */
export const reportNotes = ({ graphs }: ModelReport): string[] =>
  Object.entries(graphs).flatMap(([file, { notes }]) =>
    notes.map((note) => (file === "model.onnx" ? note : `${file}: ${note}`)),
  );
