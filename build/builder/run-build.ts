import { toBakeFile } from "../bake/bake.ts";
import { forNodes, type NodesFile } from "../bake/nodes.ts";
import { type BuildRow, buildRows } from "../bake/rows.ts";
import type { BakeFile } from "../clients/bake-file.ts";
import { type BakeMetadata, type BakeRun, builderNodes, runBake } from "../clients/buildx.ts";
import type { BuildStatus } from "../clients/rawjson.ts";
import { screen } from "../display/screen.ts";
import { UserError } from "../errors.ts";
import type { Image } from "../plan/image.ts";
import { buildLog } from "./build-log.ts";
import { BuildProgress } from "./build-progress.ts";
import { stepLine } from "./step-name.ts";

export interface RunBuildOptions extends BakeRun {
  /** The rows that this build fills; the others are as an earlier one has left them. */
  readonly groups?: readonly BuildRow["group"][];
}

/** Tells of each step once, when it is finished. */
function stepLines(): (status: BuildStatus) => void {
  const told = new Set<string>();
  return ({ steps }) => {
    for (const { digest, name, started, completed, cached, error } of steps) {
      if (completed === undefined || error || told.has(digest)) continue;
      told.add(digest);
      const seconds = (completed - (started ?? completed)) / 1000;
      const line = stepLine(name, cached ? "(cached)" : `${seconds.toFixed(1)} s`);
      if (line) screen.step(line);
    }
  };
}

/** The file as the current builder can build it: one of several nodes needs some targets on more than one of them. */
async function forBuilder(file: BakeFile, images: readonly Image[]): Promise<NodesFile> {
  if ((await builderNodes()) < 2) return { file, copies: new Map() };
  return forNodes(file, toBakeFile(images, { root: "", output: () => "" }));
}

/** Rows with the copies of their targets on other nodes. */
const withCopies = (rows: readonly BuildRow[], copies: NodesFile["copies"]): BuildRow[] =>
  rows.map((row) => {
    const more = [...copies].filter(([, name]) => row.targets.includes(name)).map(([copy]) => copy);
    return more.length > 0 ? { ...row, targets: [...row.targets, ...more] } : row;
  });

/**
 * Runs bake for images, shown as rows: models and parts, or the cells. What the builder says goes to a file as well.
 * @throws UserError as `runBake` does, with the file's path
 */
export async function runBuild(
  planned: BakeFile,
  images: readonly Image[],
  { groups = ["cells"], ...options }: RunBuildOptions,
): Promise<BakeMetadata> {
  const { file, copies } = await forBuilder(planned, images);
  const rows = withCopies(buildRows(images), copies);
  const progress = new BuildProgress(rows, {
    file,
    rowOf: ({ group, name }) => (groups.includes(group) ? screen.row(group, name) : undefined),
  });
  // All of them from the start, in the order of the plan.
  for (const { group, name } of rows) if (groups.includes(group)) screen.row(group, name);
  const tellStep = stepLines();
  const listen = (status: BuildStatus) => {
    progress.read(status);
    tellStep(status);
    buildLog.write(status);
  };
  try {
    const metadata = await runBake(file, { ...options, listen });
    progress.end();
    return metadata;
  } catch (error) {
    if (error instanceof UserError && buildLog.path) error.addHint(`The build's full log: ${buildLog.path}`);
    throw error;
  }
}
