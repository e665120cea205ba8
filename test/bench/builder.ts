import { tmpdir } from "node:os";
import { execa } from "execa";
import { ARCHES } from "../../build/catalog.ts";
import { runBake } from "../../build/clients/buildx.ts";
import { loadConfig } from "../../build/config/config.ts";
import { baseReferences } from "../../build/plan/plan.ts";

const { signal } = new AbortController();

/** Has the builder pull and unpack every base image for every architecture: neither side is to wait for a registry. */
export async function pullBases(config: string): Promise<void> {
  const references = baseReferences(await loadConfig({ config }));
  const targets = references.flatMap((reference, index) =>
    Object.entries(ARCHES).map(([arch, { platform }]) => [
      `base${index}-${arch}`,
      {
        context: tmpdir(),
        "dockerfile-inline": `FROM ${reference}\nCOPY <<EOF /pulled\nEOF\n`,
        platforms: [platform],
        output: ["type=cacheonly"],
      },
    ]),
  );
  const file = {
    group: { default: { targets: targets.map(([name]) => name as string) } },
    target: Object.fromEntries(targets),
  };
  await runBake(file, { signal });
}

/** Ids of what is in the builder's cache. */
async function cacheIds(): Promise<Set<string>> {
  const { stdout } = await execa("docker", ["buildx", "du"]);
  return new Set(stdout.split("\n").flatMap((line) => /^([a-z0-9]{25})\b/.exec(line)?.[1] ?? []));
}

/** Runs something and then removes from the builder's cache what came into it meanwhile. */
export async function withCleanCache<T>(run: () => Promise<T>): Promise<T> {
  const before = await cacheIds();
  try {
    return await run();
  } finally {
    const added = [...(await cacheIds())].filter((id) => !before.has(id));
    if (added.length > 0) {
      await execa("docker", ["buildx", "prune", "--force", "--filter", `id="^(${added.join("|")})$"`]);
    }
  }
}
