import { ExecaError } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { names, OSES } from "../../build/catalog.ts";
import { canSwitchEmulator, withoutEmulator } from "../support/emulator.ts";
import { docker, imagesOf } from "../support/engine.ts";
import { buildImage } from "../support/image.ts";
import { mkimage, mkimageJson } from "../support/mkimage.ts";
import { makeProject, type Project } from "../support/project.ts";

let project: Project;
beforeAll(async () => {
  project = await makeProject();
});
afterAll(() => project?.remove());

/** How a thing fails that needs the emulator. */
const failure = (run: Promise<unknown>) =>
  run.then(
    () => "it ran",
    (error: unknown) => (error instanceof ExecaError ? error.stderr : String(error)),
  );

const canProve = process.arch === "x64" && canSwitchEmulator();

test.runIf(canProve)("all arm64 images are built from nothing with the emulator switched off", async () => {
  const image = `${project.repository}:run`;
  const dockerfile = `FROM --platform=linux/arm64 debian:trixie-slim\nRUN echo ${project.function}\n`;
  const seen = await withoutEmulator(async () => ({
    // Neither the builder nor the engine can start a program of arm64 now: without that, nothing would be proved.
    step: await failure(buildImage(image, dockerfile)),
    built: await mkimage(["build", "--arch", "arm64", "--no-cache"], { cwd: project.folder }),
    container: await failure(
      docker("run", "--rm", "--network", "none", `${project.repository}:debian-arm64`),
    ),
    test: await mkimage(["test", "--arch", "arm64", "--os", "debian"], { cwd: project.folder }),
  }));
  expect(seen.step).toContain("exec format error");
  expect(seen.container).toContain("exec format error");
  expect(seen.built.exitCode, seen.built.stderr).toBe(0);
  expect(await imagesOf(project.repository)).toEqual(
    names(OSES)
      .map((os) => `${project.repository}:${os}-arm64`)
      .sort(),
  );

  expect(seen.test.exitCode).toBe(3);
  expect(seen.test.stderr).toContain("cannot emulate it");
  expect(seen.test.stderr).toContain("binfmt");
  expect(seen.test.stdout).toMatch(new RegExp(`^${project.repository}:debian-arm64 +failed\\b`, "m"));

  expect(canSwitchEmulator()).toBe(true);
  const [tested] = await mkimageJson<[{ emulated: boolean }]>(["test", "--arch", "arm64", "--os", "debian"], {
    cwd: project.folder,
  });
  expect(tested.emulated).toBe(true);
});
