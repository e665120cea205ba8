import type { Html } from "./html.ts";

/** An entry of a legend. */
export interface Key {
  readonly title: string;
  readonly colour: string;
  readonly form?: "circle" | "square" | "cross" | "line" | "dashed";
}

/** A picture with what is said about it. */
export interface Chart {
  readonly id: string;
  readonly title: string;
  /** What is to be seen, and how to read it. */
  readonly text: string;
  readonly svg: string;
  readonly keys: readonly Key[];
  /** The same figures as a table. */
  readonly table: Html;
  /** Below the picture: what its numbers mean. */
  readonly notes?: readonly string[];
  readonly wide?: boolean;
}
