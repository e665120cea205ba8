import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "./folder.ts";
import { type HubStandIn, startHub } from "./hub.ts";
import { COMMIT, tinyRepo } from "./hub-project.ts";
import { mkimage } from "./mkimage.ts";

/** An empty project with a hub of its own, which has one model for embeddings. */
export async function emptyProject(
  card: Record<string, unknown> = { pipeline_tag: "feature-extraction" },
  files: Readonly<Record<string, Buffer | string>> = {},
) {
  const folder = await temporaryFolder();
  const repo = tinyRepo();
  Object.assign(repo.commits[COMMIT] ?? {}, files);
  const hub: HubStandIn = await startHub({ "acme/tiny": { ...repo, card: { ...repo.card, ...card } } });
  const env = {
    HF_ENDPOINT: hub.url,
    HF_HOME: join(folder, ".huggingface"),
    HF_TOKEN: undefined,
    HF_TOKEN_PATH: undefined,
    HF_HUB_CACHE: undefined,
    MKIMAGE_CACHE: join(folder, ".cache"),
  };
  return {
    folder,
    repo,
    hub,
    env,
    run: (...args: string[]) => mkimage(args, { cwd: folder, env }),
    read: async (path: string) => readFile(join(folder, path), "utf8"),
    write: (path: string, text: string) => writeFile(join(folder, path), text),
    files: async () =>
      (await readdir(folder, { recursive: true }))
        .filter((name) => name.endsWith(".json") && !name.startsWith("."))
        .sort(),
  };
}
