import type { Goal } from "../goal.ts";

/** What a part came to: its goals, and a table of its own in Markdown. */
export interface Result {
  readonly goals: readonly Goal[];
  readonly details?: string;
}

export interface Given {
  /** The image of a function with a model for each task; built when it is first asked for. */
  readonly image: () => Promise<string>;
  readonly say: (line: string) => void;
}

export type Part = (given: Given) => Promise<Result>;
