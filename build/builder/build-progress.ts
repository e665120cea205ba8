import type { BuildRow } from "../bake/rows.ts";
import type { BakeFile } from "../clients/bake-file.ts";
import type { BuildStatus, Step, Transfer } from "../clients/rawjson.ts";
import type { Row } from "../display/row.ts";
import { formatBytes } from "../output.ts";
import { parseStepName, type StepName, stepTitle } from "./step-name.ts";

/** What others need comes first: a step belongs to the rows of the first group that needs it. */
const ORDER: readonly BuildRow["group"][] = ["parts", "models", "cells"];

interface Known {
  step: Step;
  name: StepName;
  /** Rows of every target that has told of it. */
  readonly rows: Set<BuildRow>;
  /** When it was first seen running, by this machine's clock. */
  since: number;
  readonly transfers: Map<string, Transfer>;
  /** `120/212`, of a step that says so. */
  count?: string;
}

export interface ProgressOptions {
  readonly file: BakeFile;
  /** The row of the display; undefined for one that is not shown. */
  readonly rowOf: (row: BuildRow) => Row | undefined;
}

/** How far a step of ours says that it is: `progress 120/212` (images/model). */
const COUNTS = /^progress (\d{1,9}\/\d{1,9})$/gm;

const isLink = ({ name }: Known): boolean => name.what.startsWith("LINK ");
const isRunning = ({ step }: Known): boolean => step.started !== undefined && step.completed === undefined;

/** Makes rows of the builder's steps. */
export class BuildProgress {
  readonly #rows: readonly BuildRow[];
  readonly #options: ProgressOptions;
  readonly #byTarget = new Map<string, BuildRow[]>();
  readonly #steps = new Map<string, Known>();
  /** Targets whose last step is done. */
  readonly #complete = new Set<string>();

  constructor(rows: readonly BuildRow[], options: ProgressOptions) {
    this.#rows = rows;
    this.#options = options;
    for (const row of rows)
      for (const target of row.targets)
        this.#byTarget.set(target, [...(this.#byTarget.get(target) ?? []), row]);
  }

  read({ steps, transfers, output }: BuildStatus): void {
    for (const step of steps) this.#note(step);
    for (const { step, text } of output) this.#count(step, text);
    for (const transfer of transfers) this.#steps.get(transfer.step)?.transfers.set(transfer.id, transfer);
    const changed = [
      steps.map(({ digest }) => digest),
      [...transfers, ...output].map(({ step }) => step),
    ].flat();
    const rows = new Set(changed.flatMap((digest) => [...(this.#steps.get(digest)?.rows ?? [])]));
    for (const row of rows) this.#show(row);
  }

  #note(step: Step): void {
    const name = parseStepName(step.name);
    const rows = name && this.#byTarget.get(name.target);
    if (!rows) return;
    const known = this.#steps.get(step.digest) ?? {
      step,
      name,
      rows: new Set(),
      since: 0,
      transfers: new Map(),
    };
    // Every target tells of it in turn, some of them late.
    if (known.step.completed === undefined || step.error) known.step = step;
    if (step.started !== undefined) known.since ||= Date.now();
    for (const row of rows) known.rows.add(row);
    this.#steps.set(step.digest, known);
    if (step.completed !== undefined && this.#isLast(name)) this.#complete.add(name.target);
  }

  /** Notes how far a step of ours says that it is. */
  #count(digest: string, text: string): void {
    const known = this.#steps.get(digest);
    const count = [...text.matchAll(COUNTS)].at(-1)?.[1];
    if (known && count) known.count = count;
  }

  /** Whether it is the last instruction of its target. */
  #isLast({ target, stage, index, count }: StepName): boolean {
    if (stage === undefined || index !== count) return false;
    const wanted = this.#options.file.target[target]?.target;
    return wanted ? stage === wanted : /^stage-\d+$/.test(stage);
  }

  /** The steps of a row that no row before it needs. */
  #own(row: BuildRow): Known[] {
    const own = ({ rows }: Known) => {
      const groups = [...rows].map(({ group }) => ORDER.indexOf(group));
      return rows.has(row) && Math.min(...groups) === ORDER.indexOf(row.group);
    };
    return [...this.#steps.values()].filter(own);
  }

  #show(row: BuildRow): void {
    const shown = this.#options.rowOf(row);
    if (!shown || shown.state === "failed") return;
    const own = this.#own(row);
    const [failed] = own.filter(({ step }) => step.error);
    if (failed) {
      shown.failed(stepTitle(failed.name));
      return;
    }
    if (row.group === "parts" && row.targets.every((target) => this.#complete.has(target))) {
      finish(shown, own);
      return;
    }
    const running = own.filter(isRunning).sort((a, b) => b.since - a.since);
    const titled = running.find(({ name }) => stepTitle(name)) ?? running[0];
    const title = titled && describe(titled);
    if (title && titled.count) shown.counting(`${title} ${titled.count}`);
    else if (title) shown.running(title, titled.since);
    else if (own.some(({ step }) => step.started !== undefined)) shown.counting(layersOf(own, row));
  }

  /** The builder is done. What has come of models and cells is told by the caller. */
  end(): void {
    for (const row of this.#rows) {
      const shown = this.#options.rowOf(row);
      const own = this.#own(row);
      if (shown && row.group === "parts") finish(shown, own);
      if (shown && row.group === "models" && own.every(isUnchanged)) shown.cached();
    }
  }
}

/** Whether a step was there before, or is none that makes anything. */
const isUnchanged = ({ step, name }: Known): boolean =>
  step.cached || !/^(?:RUN|COPY|ADD|WORKDIR)\b/.test(name.what);

function finish(row: Row, own: readonly Known[]): void {
  if (row.state === "done" || row.state === "cached") return;
  if (own.every(isUnchanged)) row.cached();
  else row.done(`${row.seconds.toFixed(1)} s`);
}

/** `layers 4/7`: of an image's layers above its base. */
function layersOf(own: readonly Known[], { layers = 0 }: BuildRow): string {
  const done = own.filter((each) => isLink(each) && each.step.completed !== undefined).length;
  return layers === 0 || done >= layers ? "" : `layers ${done}/${layers}`;
}

/** What is done now, with the bytes where it moves some. */
function describe({ name, transfers }: Known): string {
  // The exporter of images tells in its transfers that it has begun to push.
  const isPush = [...transfers.keys()].some((id) => id.startsWith("pushing"));
  const title = isPush ? "pushing" : stepTitle(name);
  const known = [...transfers.values()].filter(({ total }) => total > 0);
  if (!title || known.length === 0) return title;
  const sum = (key: "current" | "total") => known.reduce((all, each) => all + each[key], 0);
  return `${title} ${formatBytes(sum("current"))} of ${formatBytes(sum("total"))}`;
}
