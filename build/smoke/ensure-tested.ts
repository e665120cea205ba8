import type { BuildOptions, Packed } from "../builder/built.ts";
import { connectDocker, findImage } from "../clients/docker.ts";
import { buildToStore } from "../engine/store.ts";
import { UserError } from "../errors.ts";
import { say } from "../output.ts";
import { okLine, smokeTest } from "./smoke.ts";
import { recordTested, wasTested } from "./tested-records.ts";

/** Whether an id of the engine's store is this image: stores name it by its config, those in containerd by its manifest. */
const isSame = ({ configDigest, digest }: Packed, id: string | undefined) =>
  id === configDigest || id === digest;

/**
 * Sees to it that exactly these images have passed the smoke test: what has not is put into the engine's store, unless it
 * is there, and tested now.
 * @throws UserError (exit 1) with what is wrong when one does not pass; (exit 3) without an engine to run it.
 */
export async function ensureTested(built: readonly Packed[], options: BuildOptions): Promise<void> {
  const known = await Promise.all(built.map((image) => wasTested(image, [image.configDigest, image.digest])));
  const untested = built.filter((_, index) => !known[index]);
  if (untested.length === 0) return;
  const docker = await connectDocker();
  const stored = await Promise.all(untested.map(({ reference }) => findImage(docker, reference)));
  const missing = untested.filter((image, index) => !isSame(image, stored[index]?.id));
  if (missing.length > 0) await buildToStore(missing, options);
  for (const image of untested) {
    say(`testing ${image.reference}, which has not passed this test yet`);
    const tested = await smokeTest(image, { docker, signal: options.signal });
    if (!isSame(image, tested.id)) {
      throw new UserError(
        `The engine's store has ${image.reference} as ${tested.id}, the builder as ${image.configDigest}`,
        {
          reason: "environment",
          hint: "Build with a builder of BuildKit itself: docker buildx create --use --driver docker-container",
        },
      );
    }
    await recordTested([tested]);
    say(okLine(tested));
  }
}
