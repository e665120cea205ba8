/** The parts of a step's name, as BuildKit and bake write it: `[target stage 2/4] RUN npm ci`. */
export interface StepName {
  readonly target: string;
  /** The stage of the Dockerfile; undefined for what BuildKit does beside its instructions. */
  readonly stage?: string;
  readonly index?: number;
  readonly count?: number;
  /** The instruction, or what BuildKit does. */
  readonly what: string;
}

const FORM = /^\[(\S+?)(?: (\S+) +(\d+)\/(\d+)| [^\]]*)?\] (.*)$/s;

export function parseStepName(name: string): StepName | undefined {
  const [, target, stage, index, count, what = ""] = FORM.exec(name) ?? [];
  if (!target) return undefined;
  return stage ? { target, stage, index: Number(index), count: Number(count), what } : { target, what };
}

/** BuildKit's bookkeeping (loading of definitions, joining of linked layers) is no step of the user's. */
const isForPeople = (name: string): boolean =>
  !/^\[(?:\S+ )?internal\] |\] LINK |^\[(?:\S+ )?context \S+\] load /.test(name);

/** Without what a step may read, the digest of what it starts from and the mark of a script. */
const inShort = (name: string): string =>
  name
    .slice(0, 2000)
    .replace(/(?: +--(?:mount|network)=\S+)+ +/g, " ")
    .replace(/@sha256:[0-9a-f]{64}/, "")
    .replace(/ <<\w+ \((.*)\)$/, " $1");

/** A step as one plain line; undefined for one that nobody wants to see. */
export const stepLine = (name: string, result: string): string | undefined =>
  isForPeople(name) ? `${inShort(name)} ${result}` : undefined;

/** What the scripts of our stages do (images/…/Dockerfile). */
const STAGES: Readonly<Record<string, string>> = {
  packages: "npm ci",
  installed: "npm ci",
  bundled: "bundling",
  verifier: "bundling",
  python: "Python packages",
  converted: "converting",
  passed: "gate",
  questioned: "asking",
  answered: "asking",
};

/** What a step does, in a few words; empty where there is nothing to be said of it. */
export function stepTitle({ stage = "", what }: StepName): string {
  if (what.startsWith("exporting to")) return "exporting";
  const [, from] = /^FROM (\S+)/.exec(what) ?? [];
  if (from) return `pulling ${from.replace(/@sha256:.*/, "").replace(/^docker\.io\/(?:library\/)?/, "")}`;
  return what.startsWith("RUN") ? (STAGES[stage] ?? "") : "";
}
