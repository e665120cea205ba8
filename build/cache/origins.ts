import { z } from "zod";
import type { Measure } from "../files/measure.ts";
import { recordsIn } from "./records.ts";

/** Where something was fetched from: source, path and what the source calls this content. */
export interface Origin {
  readonly source: string;
  readonly path: string;
  readonly version: string;
}

const origins = recordsIn("origins", z.object({ size: z.int(), sha256: z.string() }));
const keyOf = ({ source, path, version }: Origin) => [source, path, version];

/** Size and sha256 of a content that was fetched before, so that it need not be fetched again to know them. */
export const recallOrigin = (origin: Origin): Promise<Measure | undefined> => origins.read(keyOf(origin));

export const noteOrigin = (origin: Origin, { size, sha256 }: Measure): Promise<void> =>
  origins.write(keyOf(origin), { size, sha256 });
