import { z } from "zod";
import { type ModelSpec, POOLINGS, type Pooling } from "../../../models/spec.ts";
import { UserError } from "../../errors.ts";
import { checkJson } from "../../files/json.ts";

/** The flags of versions before 5.4, in the order in which their vectors are joined. */
const FLAGS: Readonly<Record<string, Pooling>> = {
  pooling_mode_cls_token: "cls",
  pooling_mode_max_tokens: "max",
  pooling_mode_mean_tokens: "mean",
  pooling_mode_mean_sqrt_len_tokens: "mean_sqrt_len_tokens",
  pooling_mode_weightedmean_tokens: "weightedmean",
  pooling_mode_lasttoken: "lasttoken",
};

const mode = z.preprocess(
  (value) => (typeof value === "string" ? value.toLowerCase() : value),
  z.enum(POOLINGS),
);
const poolingSchema = z.looseObject({
  pooling_mode: z.union([mode, z.array(mode).min(1)]).nullish(),
  include_prompt: z.boolean().default(true),
});
/**
 * What the settings of a pooling step say, in the form of any version: one way, or several whose vectors are joined.
 * @throws UserError (exit 2) for a way that is not known
 */
export function poolingOf(
  value: unknown,
  file: string,
): Pick<Partial<ModelSpec>, "pooling" | "includePrompt"> {
  const config = checkJson(poolingSchema, value, file);
  const flags = Object.keys(config).filter((key) => key.startsWith("pooling_mode_") && config[key] === true);
  const unknown = flags.find((key) => !Object.hasOwn(FLAGS, key));
  if (unknown !== undefined) {
    throw new UserError(`${file} asks for ${unknown}, which is not supported`, {
      hint: `Supported: ${POOLINGS.join(", ")}.`,
    });
  }
  const flagged = Object.entries(FLAGS).flatMap(([key, each]) => (flags.includes(key) ? [each] : []));
  const modes = [config.pooling_mode ?? (flagged.length > 0 ? flagged : "mean")].flat();
  const [only] = modes;
  return {
    pooling: modes.length === 1 ? only : modes,
    ...(config.include_prompt ? {} : { includePrompt: false }),
  };
}
