/** A row of what the attacks came to. */
export interface Goal {
  readonly what: string;
  /** Cases that failed, each in words. */
  readonly found: readonly string[];
  /** Cases in all. */
  readonly of: number;
}

/**
 * Whether an event may be answered so: a reply, the caller's mistake, or that time, memory, room for the answer or what is
 * read elsewhere is lacking, or that the model's own template cannot be used. Anything else is our mistake.
 */
export const isFine = ({ status, text }: { readonly status: string; readonly text: string }): boolean =>
  /^([234]\d\d|504|BadRequest|TooManyRequests|Runtime\.DeadlineExceeded|Function\.ResponseSizeTooLarge)$/.test(
    status,
  ) || /cannot read s3:|the model's chat template/.test(text);

export const isMet = ({ found }: Goal): boolean => found.length === 0;

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** `| hostile inputs that … | 0 of 120 | 0 | met |`, and below it what was found. */
export function describe(goals: readonly Goal[]): string {
  const rows = goals.map((goal) => {
    const { what, found, of } = goal;
    return [what, `${found.length} of ${of}`, "0", isMet(goal) ? "met" : "MISSED"];
  });
  const found = goals.flatMap((goal) => goal.found.map((each) => `- ${goal.what}: ${each}`));
  return [table(["what", "found", "goal", ""], rows), ...(found.length > 0 ? ["", ...found] : [])].join("\n");
}
