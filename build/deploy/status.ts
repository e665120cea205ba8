import type { Lambda } from "../clients/lambda.ts";
import { readLive, weightsOf } from "./live.ts";
import { liveBefore } from "./record.ts";

/** What Lambda has of a function. */
export interface Status {
  readonly function: string;
  /** State of Lambda; `absent` before it is created. */
  readonly state: string;
  readonly alias: string;
  /** The version that the alias has; null without alias. */
  readonly version: string | null;
  /** Versions that get a part of the calls beside it. */
  readonly weights: Readonly<Record<string, number>>;
  /** Versions that were live before, the latest first. */
  readonly before: readonly string[];
  /** Reference of the image of the version. */
  readonly image: string | null;
  /** What the version says of itself: `mkimage <version>-<os>-<arch>`. */
  readonly description: string | null;
  readonly modified: string | null;
  readonly url: string | null;
}

/** Reads it; changes nothing. */
export async function readStatus(lambda: Lambda, name: string, aliasName: string): Promise<Status> {
  const { latest, alias, versions } = await readLive(lambda, name, aliasName);
  const url = alias && (await lambda.findUrl(name, aliasName));
  const live = versions.get(alias?.FunctionVersion ?? "");
  return {
    function: name,
    state: live?.configuration.State ?? latest?.configuration.State ?? "absent",
    alias: aliasName,
    version: alias?.FunctionVersion ?? null,
    weights: weightsOf(alias),
    before: liveBefore(alias?.Description),
    image: live?.image ?? null,
    description: live?.configuration.Description || null,
    modified: live?.configuration.LastModified ?? null,
    url: url?.FunctionUrl ?? null,
  };
}
