import type Docker from "dockerode";
import type { BuildOptions, Packed } from "../builder/built.ts";
import { connectDocker, findImage } from "../clients/docker.ts";
import type { Row } from "../display/row.ts";
import { screen } from "../display/screen.ts";
import { buildToStore } from "../engine/store.ts";
import { UserError } from "../errors.ts";
import { cellName } from "../plan/cell-name.ts";
import { runSideBySide } from "./side-by-side.ts";
import { showPassed, smokeTest } from "./smoke.ts";
import { asTested, recordTested, type Tested } from "./tested-records.ts";

/** Whether an id of the engine's store is this image: stores name it by its config, those in containerd by its manifest. */
const isSame = ({ configDigest, digest }: Packed, id: string | undefined) =>
  id === configDigest || id === digest;

interface TestOptions {
  readonly row: Row;
  readonly signal: AbortSignal;
}

async function testOne(docker: Docker, image: Packed, { row, signal }: TestOptions): Promise<Tested> {
  row.running("testing");
  const result = await smokeTest(image, { docker, signal });
  if (!isSame(image, result.id)) {
    throw new UserError(
      `The engine's store has ${image.reference} as ${result.id}, the builder as ${image.configDigest}`,
      {
        reason: "environment",
        hint: "Build with a builder of BuildKit itself: docker buildx create --use --driver docker-container",
      },
    );
  }
  const testDigest = await recordTested(result);
  showPassed(row, result);
  return { ...image, testDigest };
}

/** Tests images side by side; those that the engine's store lacks are put into it before. */
async function testAll(
  images: readonly Packed[],
  options: BuildOptions & { readonly all: readonly Packed[] },
): Promise<Tested[]> {
  if (images.length === 0) return [];
  const docker = await connectDocker();
  const stored = await Promise.all(images.map(({ reference }) => findImage(docker, reference)));
  const missing = images.filter((image, index) => !isSame(image, stored[index]?.id));
  if (missing.length > 0) await buildToStore(missing, options);
  const tested = new Map<number, Tested>();
  screen.phase("tests");
  const { signal } = options;
  const test = async (image: Packed, index: number) => {
    const row = screen.row("cells", cellName(image, options.all));
    tested.set(index, await testOne(docker, image, { row, signal }));
  };
  await runSideBySide(images, test, { docker, signal });
  return [...images.keys()].flatMap((index) => tested.get(index) ?? []);
}

/**
 * The images as tested ones: those that have not passed their smoke test on this machine are tested now.
 * @throws UserError (exit 1) with what is wrong when one does not pass; (exit 3) without an engine to run it.
 */
export async function ensureTested(built: readonly Packed[], options: BuildOptions): Promise<Tested[]> {
  const passed = await Promise.all(built.map(asTested));
  const now = await testAll(
    built.filter((_, index) => !passed[index]),
    { ...options, all: built },
  );
  return built.flatMap(({ target }, index) => passed[index] ?? now.filter((each) => each.target === target));
}
