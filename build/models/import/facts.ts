import { z } from "zod";
import type { SideFiles } from "../repository/sentence-transformers.ts";

const length = z.int().positive().max(1_000_000);

/**
 * Model types that count positions from the padding token's id on, so that their tables have rows that no token gets:
 * `padding_idx + 1` in the embeddings of https://github.com/huggingface/transformers/tree/v4.57.6/src/transformers/models
 */
const COUNTED_FROM_PADDING = new Set([
  "camembert",
  "data2vec-text",
  "esm",
  "ibert",
  "layoutlmv3",
  "lilt",
  "longformer",
  "luke",
  "markuplm",
  "mpnet",
  "roberta",
  "roberta-prelayernorm",
  "xlm-roberta",
  "xlm-roberta-xl",
  "xmod",
]);

/** What the usual configurations of those types have when a file does not say. */
const USUAL_PADDING = 1;

/** The tokens that a model's table of positions has rows for. */
function positions(config: Record<string, unknown>): number | undefined {
  const rows = length.safeParse(config["max_position_embeddings"] ?? config["n_positions"]).data;
  if (rows === undefined || !COUNTED_FROM_PADDING.has(String(config["model_type"]))) return rows;
  const padding = z.int().nonnegative().safeParse(config["pad_token_id"]).data ?? USUAL_PADDING;
  return Math.max(1, rows - padding - 1);
}

/**
 * The longest input in tokens: what sentence-transformers or the tokenizer say, and no more than there are positions for.
 * transformers writes 1e30 where it knows no limit.
 */
export function maxTokens(files: SideFiles): number | undefined {
  const said = (file: string, key: string) =>
    length.safeParse((files[file] as Record<string, unknown> | undefined)?.[key]).data;
  const config = files["config.json"];
  const limits = [
    said("sentence_bert_config.json", "max_seq_length") ?? said("tokenizer_config.json", "model_max_length"),
    typeof config === "object" && config !== null ? positions(config as Record<string, unknown>) : undefined,
  ].filter((limit) => limit !== undefined);
  return limits.length === 0 ? undefined : Math.min(...limits);
}

/** Names that the hub gives to licences and SPDX writes otherwise: https://huggingface.co/docs/hub/repositories-licenses */
const SPDX: Readonly<Record<string, string>> = {
  "apache-2.0": "Apache-2.0",
  mit: "MIT",
  "bsd-2-clause": "BSD-2-Clause",
  "bsd-3-clause": "BSD-3-Clause",
  "cc-by-4.0": "CC-BY-4.0",
  "cc-by-sa-4.0": "CC-BY-SA-4.0",
  "cc-by-nc-4.0": "CC-BY-NC-4.0",
  "cc-by-nc-sa-4.0": "CC-BY-NC-SA-4.0",
  "cc0-1.0": "CC0-1.0",
  "gpl-3.0": "GPL-3.0-only",
  "agpl-3.0": "AGPL-3.0-only",
  "lgpl-3.0": "LGPL-3.0-only",
  "mpl-2.0": "MPL-2.0",
  unlicense: "Unlicense",
  wtfpl: "WTFPL",
};

/** The licence of a model card as SPDX writes it; a licence of the model's own becomes a LicenseRef. */
export function license(card: Readonly<Record<string, unknown>>): string | undefined {
  const [id] = [card["license"]].flat();
  if (typeof id !== "string" || id === "unknown") return undefined;
  const known = id.toLowerCase();
  if (Object.hasOwn(SPDX, known)) return SPDX[known];
  const own = id === "other" && typeof card["license_name"] === "string" ? card["license_name"] : id;
  return `LicenseRef-${own.replaceAll(/[^\w.-]+/g, "-").replaceAll("_", "-")}`;
}
