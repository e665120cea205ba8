import { z } from "zod";
import { start } from "../processes/programs.ts";
import { type RegistryAuth, withRegistryAuth } from "./registry-auth.ts";

/** The part of an image's config that has its labels: https://github.com/opencontainers/image-spec/blob/main/config.md */
const imageSchema = z.object({
  config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }).nullish(),
});

/**
 * The labels of an image in a registry, which buildx reads from its config; undefined where it cannot: an index, or a registry
 * that does not hand out what it holds.
 * @param reference by digest
 */
export function imageLabels(
  reference: string,
  auth: RegistryAuth | undefined,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>> | undefined> {
  const args = ["buildx", "imagetools", "inspect", "--format", "{{json .Image}}", reference];
  return withRegistryAuth(auth, signal, async (env) => {
    const { exitCode, stdout } = await start("docker", args, {
      reject: false,
      timeout: 60_000,
      stdin: "ignore",
      cancelSignal: signal,
      env,
    });
    signal.throwIfAborted();
    if (exitCode !== 0) return undefined;
    const { success, data } = imageSchema.safeParse(JSON.parse(stdout));
    return success ? (data.config?.Labels ?? {}) : undefined;
  });
}
