export interface ScoredToken {
  /** As in the vocabulary, e.g. `##ing`. */
  readonly word: string;
  /** Whether it continues the word of the previous token. */
  readonly inWord: boolean;
  readonly start: number;
  readonly end: number;
  readonly index: number;
  readonly scores: Float64Array;
}

export interface Entity {
  readonly entity?: string;
  readonly entity_group?: string;
  readonly score: number;
  readonly index?: number;
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

type OfWord = (tokens: readonly ScoredToken[]) => Float64Array;

/** An aggregation strategy: whether words get one label, and whether adjacent parts with the same label are joined. */
interface Strategy {
  readonly ofWord?: OfWord;
  readonly join: boolean;
}

const firstScores: OfWord = ([first]) => first?.scores ?? new Float64Array();

/** The aggregation strategies of transformers: https://huggingface.co/docs/transformers/main_classes/pipelines */
export const STRATEGIES = {
  none: { join: false },
  simple: { join: true },
  first: { join: true, ofWord: firstScores },
  average: {
    join: true,
    ofWord: (tokens) =>
      firstScores(tokens).map(
        (_, label) => tokens.reduce((sum, { scores }) => sum + (scores[label] ?? 0), 0) / tokens.length,
      ),
  },
  max: {
    join: true,
    ofWord: (tokens) =>
      tokens.reduce((a, b) => (Math.max(...b.scores) > Math.max(...a.scores) ? b : a)).scores,
  },
} as const satisfies Readonly<Record<string, Strategy>>;

export function toEntities(
  tokens: readonly ScoredToken[],
  options: {
    readonly strategy: Strategy;
    readonly label: (scores: Float64Array) => string;
    readonly spell: (tokens: readonly string[]) => string;
  },
): Entity[] {
  const { strategy, label, spell } = options;
  const { ofWord } = strategy;
  const parts = ofWord
    ? toWords(tokens).map((word) => ({
        scores: ofWord(word),
        word: spell(word.map((token) => token.word)),
        start: word[0]?.start ?? 0,
        end: word.at(-1)?.end ?? 0,
      }))
    : tokens;
  const labelled = parts.map(({ scores, word, start, end, ...rest }) => ({
    entity: label(scores),
    score: Math.max(...scores),
    ...("index" in rest ? { index: rest.index as number } : {}),
    word,
    start,
    end,
  }));
  return strategy.join ? toGroups(labelled).map((group) => joined(group, spell)) : labelled;
}

function toWords(tokens: readonly ScoredToken[]): ScoredToken[][] {
  const words: ScoredToken[][] = [];
  for (const token of tokens) {
    const last = words.at(-1);
    if (token.inWord && last) last.push(token);
    else words.push([token]);
  }
  return words;
}

interface Labelled {
  readonly entity: string;
  readonly score: number;
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

/** Adjacent parts with the same label; `B-` begins a new entity. */
function toGroups(all: readonly Labelled[]): Labelled[][] {
  const groups: Labelled[][] = [];
  for (const one of all) {
    const last = groups.at(-1);
    const goesOn = last && !one.entity.startsWith("B-") && tagOf(last.at(-1)) === tagOf(one);
    if (goesOn) last.push(one);
    else groups.push([one]);
  }
  return groups;
}

function tagOf(one: Labelled | undefined): string | undefined {
  return one?.entity.replace(/^[BI]-/, "");
}

function joined(group: readonly Labelled[], spell: (tokens: readonly string[]) => string): Entity {
  return {
    entity_group: group[0]?.entity.replace(/^[^-]*-/, "") ?? "",
    score: group.reduce((sum, { score }) => sum + score, 0) / group.length,
    word: spell(group.map(({ word }) => word)),
    start: group[0]?.start ?? 0,
    end: group.at(-1)?.end ?? 0,
  };
}
