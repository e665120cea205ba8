/** Exit codes of every command: 0 done, then these. `changes` is that of a plan with something to do. */
export const EXIT = { check: 1, usage: 2, changes: 2, environment: 3, interrupted: 130 } as const;
export type ExitReason = keyof typeof EXIT;

export interface UserErrorOptions {
  /** What to do next: one sentence or one command. */
  hint?: string;
  /** `check`: something tested is wrong; `usage`: input or configuration; `environment`: engine, network, credentials. */
  reason?: ExitReason;
  cause?: unknown;
}

/**
 * Something a user can mend: shown as message and hint, without a stack. Any other error is a bug of mkimage and
 * shows its stack.
 */
export class UserError extends Error {
  override readonly name = "UserError";
  hint: string | undefined;
  readonly exitCode: number;

  constructor(message: string, { hint, reason = "usage", cause }: UserErrorOptions = {}) {
    super(message, { cause });
    this.hint = hint;
    this.exitCode = EXIT[reason];
  }

  /** An error for several things that failed, of which this is the first, with its hint and exit code. */
  ofSeveral(title: string, lines: readonly string[]): UserError {
    const reason = (Object.keys(EXIT) as ExitReason[]).find((each) => EXIT[each] === this.exitCode);
    return new UserError([title, ...lines].join("\n"), {
      ...(this.hint !== undefined && { hint: this.hint }),
      ...(reason && { reason }),
      cause: this,
    });
  }

  /** Adds a line to what there is to do next. */
  addHint(line: string): void {
    this.hint = this.hint ? `${this.hint}\n${line}` : line;
  }
}
