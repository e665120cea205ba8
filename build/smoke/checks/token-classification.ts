import { z } from "zod";
import { checkError, defineCheck } from "./check.ts";
import { requireRange } from "./scores.ts";

const place = {
  score: z.number(),
  word: z.string(),
  start: z.int().nonnegative(),
  end: z.int().nonnegative(),
};
const token = z.object({ entity: z.string().min(1), index: z.int().nonnegative(), ...place });
const group = z.object({ entity_group: z.string().min(1), ...place });
type Entity = z.output<typeof token> | z.output<typeof group>;

/** A text may have no entity at all. */
export const tokenClassification = defineCheck<string, Entity[]>({
  defaultSample: { inputs: "My name is Wolfgang and I live in Berlin." },
  example: {
    answer: [
      { entity_group: "PER", score: 0.9984, word: "Wolfgang", start: 11, end: 19 },
      { entity_group: "LOC", score: 0.9991, word: "Berlin", start: 34, end: 40 },
    ],
  },
  shape: z.array(z.union([token, group])),
  description: "a list of entities with score, word, start and end",
  validate(found, { input, parameters }) {
    const name = parameters["aggregation_strategy"] === "none" ? "entity" : "entity_group";
    if (found.some((one) => !(name in one))) throw checkError(`An entity has no ${name}`);
    requireRange(found.map(({ score }) => score));
    const length = [...input].length;
    const odd = found.find(({ start, end }) => start > end || end > length);
    if (odd) throw checkError(`An entity is at ${odd.start} to ${odd.end} of a text of ${length} characters`);
    if (found.some(({ start }, index) => start < (found[index - 1]?.start ?? 0)))
      throw checkError("The entities are not in the order of the text");
  },
});
