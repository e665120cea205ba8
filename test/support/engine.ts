import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";

export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await execa("docker", args, { stdin: "ignore" });
  return stdout;
}

/** Lines of what the docker command prints; none for empty output. */
export const dockerLines = async (...args: string[]): Promise<string[]> =>
  (await docker(...args)).split("\n").filter(Boolean);

/** References of a repository's images in the engine's store, sorted. */
export const imagesOf = async (repository: string): Promise<string[]> =>
  (await dockerLines("images", "--format", "{{.Repository}}:{{.Tag}}", repository)).sort();

/** Removes the images of a function, those included that a later build has taken the name from, and what has its repository. */
export async function removeImages(name: string, repository: string): Promise<void> {
  const own = await dockerLines("images", "--quiet", "--filter", `label=mkimage.function=${name}`);
  const ids = new Set([...own, ...(await dockerLines("images", "--quiet", repository))]);
  if (ids.size > 0) await docker("rmi", "--force", ...ids);
}

/** Ids of the containers, running or not, in which mkimage has a function's image. */
export const containersOf = (name: string): Promise<string[]> =>
  dockerLines("ps", "--all", "--quiet", "--no-trunc", "--filter", `label=mkimage.sandbox=${name}`);

/** Builds that the current builder is at. */
export const runningBuilds = async (): Promise<string[]> =>
  (await dockerLines("buildx", "history", "ls", "--format", "{{.Status}} {{.Name}} {{.Ref}}")).filter(
    (line) => line.startsWith("Running"),
  );

/** Asks again and again until there is an answer. */
export async function eventually<T>(ask: () => Promise<T | undefined>, seconds = 60): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`nothing after ${seconds} s: ${ask}`);
    await delay(50);
  }
}
