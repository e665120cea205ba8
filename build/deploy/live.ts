import type { Alias, Lambda, LambdaFunction } from "../clients/lambda.ts";
import { type VersionContent, versionChanges } from "./changes.ts";
import type { Target } from "./target.ts";

/** What Lambda has of a function now. */
export interface Live {
  /** The function itself ($LATEST); undefined before it is created. */
  readonly latest: LambdaFunction | undefined;
  readonly alias: Alias | undefined;
  /** The published versions that a deployment has to know: those of the alias and the newest. */
  readonly versions: ReadonlyMap<string, LambdaFunction>;
}

/** The weights of an alias in a shift: version → part of the calls between 0 and 1. */
export const weightsOf = (alias: Alias | undefined): Readonly<Record<string, number>> =>
  alias?.RoutingConfig?.AdditionalVersionWeights ?? {};

/** The versions that answer calls to an alias. */
export const versionsOf = (alias: Alias | undefined): string[] =>
  alias?.FunctionVersion ? [alias.FunctionVersion, ...Object.keys(weightsOf(alias))] : [];

/** Reads what is there; changes nothing. */
export async function readLive(lambda: Lambda, name: string, aliasName: string): Promise<Live> {
  const latest = await lambda.findFunction(name);
  if (!latest) return { latest, alias: undefined, versions: new Map() };
  const [alias, published] = await Promise.all([
    lambda.findAlias(name, aliasName),
    lambda.listVersions(name),
  ]);
  const newest = published.at(-1)?.Version;
  const wanted = new Set([...versionsOf(alias), ...(newest ? [newest] : [])]);
  const versions = new Map<string, LambdaFunction>();
  for (const version of wanted) {
    const found = await lambda.findFunction(name, version);
    if (found) versions.set(version, found);
  }
  return { latest, alias, versions };
}

/** In the description of a version that should have SnapStart and was refused it. */
export const SNAPSTART_REFUSED = "SnapStart was refused";

/** The same without SnapStart. */
export const withoutSnapStart = (content: VersionContent): VersionContent => ({
  ...content,
  settings: { ...content.settings, snapStart: false },
});

/** The published version that is what should be there; undefined where there is none yet. Pure. */
export function matchingVersion(
  { versions }: Live,
  { content, snapStartOptional }: Pick<Target, "content" | "snapStartOptional">,
): string | undefined {
  for (const [version, found] of versions) {
    const { State, Description = "" } = found.configuration;
    const refused = snapStartOptional && Description.includes(SNAPSTART_REFUSED);
    const wanted = refused ? withoutSnapStart(content) : content;
    if (version !== "$LATEST" && State !== "Failed" && versionChanges(found, wanted).length === 0)
      return version;
  }
  return undefined;
}
