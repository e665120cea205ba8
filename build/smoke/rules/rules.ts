import { UserError } from "../../errors.ts";
import { COMMAND_RULES } from "./command-rules.ts";
import { FILE_RULES, SIZE_RULE, settingSecrets, sizeFaults } from "./file-rules.ts";
import { PACKING_RULES } from "./packing-rules.ts";
import type { Fault, Inspection, Rule } from "./rule.ts";

/** Every rule, in the order in which they are shown. */
export const RULES: readonly Rule[] = [...PACKING_RULES, ...FILE_RULES, ...COMMAND_RULES];

export interface RuleResult extends Omit<Rule, "check"> {
  /** `unknown`: the image does not say it yet. */
  readonly status: "kept" | "broken" | "unknown";
  readonly faults: readonly Fault[];
}

/** What becomes of a rule with these faults; undefined: they cannot be known. */
function resultOf({ check: _, ...rule }: Rule, faults: readonly Fault[] | undefined): RuleResult {
  return { ...rule, faults: faults ?? [], status: faults?.length ? "broken" : faults ? "kept" : "unknown" };
}

/**
 * Refuses an image that is too large before it is read.
 * @throws UserError (exit 1)
 */
export function requireSize(reference: string, unpacked: number): void {
  requireRules([resultOf(SIZE_RULE, sizeFaults({ unpacked }))], reference);
}

/** What becomes of each rule with an image. */
export async function checkRules(image: Inspection): Promise<RuleResult[]> {
  const settings = await settingSecrets(image);
  return RULES.map((rule) => {
    const faults = rule.check(image);
    return resultOf(rule, rule.name === "no-secrets" ? [...(faults ?? []), ...settings] : faults);
  });
}

const isRefused = ({ status, level }: RuleResult): boolean => status === "broken" && level === "required";

/** Faults of one rule that are shown; the others are counted. */
const SHOWN = 10;

export function faultLines({ faults }: Pick<RuleResult, "faults">): string[] {
  const lines = faults.slice(0, SHOWN).map(({ subject, what }) => `${subject} ${what}`);
  return faults.length > SHOWN ? [...lines, `and ${faults.length - SHOWN} more`] : lines;
}

/** @throws UserError (exit 1) that names each broken rule with its files and what to do */
export function requireRules(results: readonly RuleResult[], reference: string): void {
  const broken = results.filter(isRefused);
  if (broken.length === 0) return;
  const told = broken.map((each) =>
    [`${each.name}: ${each.rule}`, ...faultLines(each).map((line) => `  ${line}`)].join("\n"),
  );
  const cures = broken.map(({ name, why, cure }) => `${name}: ${why} ${cure}`);
  throw new UserError(
    `${reference} breaks ${broken.length === 1 ? "a rule" : `${broken.length} rules`}\n${told.join("\n")}`,
    {
      reason: "check",
      hint: cures.join("\n"),
    },
  );
}

/** @throws UserError (exit 1) that names the images with broken rules, whose faults have been shown */
export function requireAll(
  images: readonly { readonly reference: string; readonly rules: readonly RuleResult[] }[],
): void {
  const refused = images.filter(({ rules }) => rules.some(isRefused));
  if (refused.length === 0) return;
  const named = refused.map(
    ({ reference, rules }) =>
      `${reference} (${rules
        .filter(isRefused)
        .map(({ name }) => name)
        .join(", ")})`,
  );
  throw new UserError(`${refused.length} of ${images.length} images break rules: ${named.join("; ")}`, {
    reason: "check",
  });
}
