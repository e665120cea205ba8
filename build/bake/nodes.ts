import type { BakeFile, BakeTarget } from "../clients/bake-file.ts";

/** A bake file of which a builder of several nodes can take each target to the node that needs it. */
export interface NodesFile {
  readonly file: BakeFile;
  /** The targets that were added, each with the name of the one that it is a copy of. */
  readonly copies: ReadonlyMap<string, string>;
}

const LINK = "target:";

/** Targets of the same file that a target copies from. */
const linksOf = ({ contexts = {} }: BakeTarget): string[] =>
  Object.values(contexts)
    .filter((context) => context.startsWith(LINK))
    .map((context) => context.slice(LINK.length));

/** The platforms of the targets that each target without a platform of its own gets into, in the order of the file. */
function neededPlatforms({ target: targets }: BakeFile): Map<string, string[]> {
  const needed = new Map<string, string[]>();
  const need = (name: string, platform: string): void => {
    const target = targets[name];
    const known = needed.get(name) ?? [];
    if (!target || target.platforms || known.includes(platform)) return;
    needed.set(name, [...known, platform]);
    for (const below of linksOf(target)) need(below, platform);
  };
  for (const target of Object.values(targets))
    for (const platform of target.platforms ?? []) for (const below of linksOf(target)) need(below, platform);
  return needed;
}

/** `runtime`, or for another platform than its first one `runtime__linux-arm64`. */
const nameFor = (name: string, platform: string, platforms: readonly string[]): string =>
  platforms.indexOf(platform) > 0 ? `${name}__${platform.replaceAll("/", "-")}` : name;

/**
 * The same file for a builder of several nodes. buildx takes a target to the node that has its platform, one without a
 * platform to the first node, and passes nothing from node to node
 * (https://github.com/docker/buildx/blob/master/build/driver.go). So each target without a platform gets the one of the
 * images that need it, and where these are of several platforms there is a copy for each. A copy exports nothing: parts are
 * the same bytes wherever they are made. Pure.
 * @param whole the file that joins the images, where all links are; a target that is not in it stays as it is
 */
export function forNodes(file: BakeFile, whole: BakeFile): NodesFile {
  const needed = neededPlatforms(whole);
  const targets: Record<string, BakeTarget> = {};
  const copies = new Map<string, string>();
  const linked = (target: BakeTarget, platform: string): BakeTarget => {
    if (!target.contexts) return target;
    const contexts = Object.entries(target.contexts).map(([as, context]) => {
      const name = context.startsWith(LINK) ? context.slice(LINK.length) : undefined;
      const platforms = name === undefined ? undefined : needed.get(name);
      return [as, name && platforms ? `${LINK}${nameFor(name, platform, platforms)}` : context];
    });
    return { ...target, contexts: Object.fromEntries(contexts) };
  };
  for (const [name, target] of Object.entries(file.target)) {
    const platforms = target.platforms ?? needed.get(name) ?? [];
    const [first] = platforms;
    targets[name] = first === undefined ? target : { ...linked(target, first), platforms: [first] };
    for (const platform of platforms.slice(1)) {
      const copy = nameFor(name, platform, platforms);
      copies.set(copy, name);
      const output = target.output && { output: ["type=cacheonly"] };
      targets[copy] = { ...linked(target, platform), ...output, platforms: [platform] };
    }
  }
  const roots = file.group.default.targets;
  const more = [...copies].filter(([, name]) => roots.includes(name)).map(([copy]) => copy);
  return { file: { group: { default: { targets: [...roots, ...more] } }, target: targets }, copies };
}
