import { randomBytes } from "node:crypto";
import { access, mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { builderDriver } from "../../build/clients/buildx.ts";
import { eventually } from "./engine.ts";

/** A builder that has built nothing yet; `env` makes buildx use it. */
export interface FreshBuilder {
  readonly env: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** What test/engine has made: buildkitd, and its settings, which name the mirror. */
async function findBuildkitd(): Promise<{ binary: string; config: string } | undefined> {
  const states = [process.env["MKIMAGE_STATE"], "/var/lib/mkimage", join(homedir(), ".local/state/mkimage")];
  for (const state of states.filter((each) => each !== undefined)) {
    const [binary, config] = [join(state, "bin/buildkitd"), join(state, "buildkitd.toml")];
    if ((await exists(binary)) && (await exists(config))) return { binary, config };
  }
  return undefined;
}

const create = (name: string, ...args: string[]) =>
  execa("docker", ["buildx", "create", "--name", name, ...args]);
const forget = (name: string) => execa("docker", ["buildx", "rm", "--force", name], { reject: false });

async function startBuildkitd(name: string): Promise<FreshBuilder> {
  const found = await findBuildkitd();
  if (!found) throw new Error("there is no buildkitd of test/engine to start a second one from");
  const folder = await mkdtemp(join(tmpdir(), "mkimage-builder-"));
  const socket = join(folder, "buildkitd.sock");
  const args = ["--config", found.config, "--root", join(folder, "root"), "--addr", `unix://${socket}`];
  const daemon = execa(found.binary, args, {
    reject: false,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  const remove = async () => {
    await forget(name);
    daemon.kill("SIGTERM");
    await daemon;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await eventually(async () => ((await exists(socket)) ? true : undefined), 30);
    await create(name, "--driver", "remote", `unix://${socket}`);
  } catch (error) {
    await remove();
    throw error;
  }
  return { env: { BUILDX_BUILDER: name }, remove };
}

/** A new builder with an empty cache: of the kind that the current one is, where that can be had in several copies. */
export async function freshBuilder(): Promise<FreshBuilder> {
  const name = `mkimage-test-${randomBytes(4).toString("hex")}`;
  if ((await builderDriver()) === "remote") return startBuildkitd(name);
  await create(name, "--driver", "docker-container", "--bootstrap");
  return { env: { BUILDX_BUILDER: name }, remove: async () => void (await forget(name)) };
}
