/** How long the steps of a start took, in milliseconds. */
export interface StartTimes {
  /** From the start of the process until the program's modules are loaded. */
  node?: number;
  /** Opening the sessions of the first model's graphs. */
  session?: number;
  /** What its tokenizer or image processor took longer than the sessions, beside which it is read. */
  tokenizer?: number;
}

/** Those of this process; logged at the level DEBUG. */
export const startTimes: StartTimes = {};
