import { basename } from "node:path";
import type { Sample } from "../../models/sample.ts";
import type { ReferenceReplies } from "../builder/references.ts";
import { asksTheSame, repliesPath, writeReplies } from "../models/sample-replies.ts";
import { counted, say } from "../output.ts";
import { differences } from "./checks/compare.ts";
import { toleranceOf } from "./tolerance.ts";

/** How many differences of a sample are listed. */
const LISTED = 5;

const ABOUT =
  "Replies of the reference to the samples of this model. Written by `mkimage test --update`; `expected` in the spec counts before them.";

/** The reply that a sample has now: of the spec, else of the file. */
const knownOf = (sample: Sample, { spec }: ReferenceReplies["variant"]): unknown =>
  spec.samples.find((each) => asksTheSame(each, sample))?.expected ??
  spec.replies?.find((each) => asksTheSame(each, sample))?.expected;

/** What has changed of a sample, a line each; nothing where its reply stays within the tolerance. */
function changesOf(known: unknown, reply: unknown, tolerance: number): string[] {
  if (known === undefined) return ["is new"];
  const beyond = differences(reply, known).filter(({ away }) => away === undefined || !(away <= tolerance));
  const lines = beyond.slice(0, LISTED).map(({ text }) => text);
  return beyond.length > LISTED ? [...lines, `and ${counted(beyond.length - LISTED, "more place")}`] : lines;
}

/**
 * Shows how the replies of a model's reference differ from those that are known, and writes them beside its spec. What a
 * person has written into the spec stays: a difference from it is said alone. Replies within the tolerance stay as they
 * are, so that a file changes only where something has.
 */
export async function updateReplies(project: string, answered: ReferenceReplies): Promise<void> {
  const { variant, samples, replies, reference } = answered;
  const { name, spec } = variant;
  const { tolerance } = toleranceOf(spec, variant);
  const file = `models/${basename(repliesPath(project, name))}`;
  const kept: (Sample & { expected: unknown })[] = [];
  let changed = 0;
  for (const [index, sample] of samples.entries()) {
    const title = `${name}, sample ${index + 1}`;
    const answer = replies[index];
    if (!answer || "reason" in answer) {
      say(`note: ${title}: the reference has no reply: ${answer?.reason ?? "none came"}`);
      continue;
    }
    const { inputs, parameters } = sample;
    const own = spec.samples.find((each) => asksTheSame(each, sample))?.expected !== undefined;
    const known = knownOf(sample, variant);
    const changes = changesOf(known, answer.reply, tolerance);
    for (const change of changes)
      say(own ? `note: ${title}: \`expected\` of its spec stays, but ${change}` : `${title}: ${change}`);
    if (own) continue;
    if (changes.length > 0) changed++;
    kept.push({
      inputs,
      ...(parameters && { parameters }),
      expected: changes.length > 0 ? answer.reply : known,
    });
  }
  const isStale = kept.length !== (spec.replies ?? []).length;
  if (changed === 0 && !isStale)
    return say(`${file}: ${counted(kept.length, "reply", "replies")}, as before`);
  await writeReplies(project, name, { about: ABOUT, reference, samples: kept });
  say(`${file}: ${counted(kept.length, "reply", "replies")}, ${changed} of them new or changed`);
}
