import { z } from "zod";
import type { SideFiles } from "./sentence-transformers.ts";

const length = z.int().positive().max(1_000_000);

/** The longest input in tokens; transformers writes 1e30 where it knows no limit. */
export function maxTokens(files: SideFiles): number | undefined {
  const candidates: [file: string, key: string][] = [
    ["sentence_bert_config.json", "max_seq_length"],
    ["tokenizer_config.json", "model_max_length"],
    ["config.json", "max_position_embeddings"],
    ["config.json", "n_positions"],
  ];
  for (const [file, key] of candidates) {
    const value = length.safeParse((files[file] as Record<string, unknown> | undefined)?.[key]);
    if (value.success) return value.data;
  }
  return undefined;
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
  const known = SPDX[id.toLowerCase()];
  if (known) return known;
  const own = id === "other" && typeof card["license_name"] === "string" ? card["license_name"] : id;
  return `LicenseRef-${own.replaceAll(/[^\w.-]+/g, "-").replaceAll("_", "-")}`;
}
