import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** The kernel's entry for programs of arm64: https://docs.kernel.org/admin-guide/binfmt-misc.html */
const ENTRY = "/proc/sys/fs/binfmt_misc/qemu-aarch64";

/** Whether there is an emulator that this process could switch off. */
export const canSwitchEmulator = (): boolean =>
  process.getuid?.() === 0 && existsSync(ENTRY) && readFileSync(ENTRY, "utf8").startsWith("enabled");

/**
 * Runs something while no program of arm64 can be started on this machine. A process of its own switches the emulator
 * on again as soon as its stdin is closed: so also when this one is killed.
 */
export async function withoutEmulator<T>(run: () => Promise<T>): Promise<T> {
  const guard = spawn("sh", ["-c", `cat; echo 1 >${ENTRY}`], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  const ended = once(guard, "exit");
  await once(guard, "spawn");
  try {
    writeFileSync(ENTRY, "0");
    return await run();
  } finally {
    guard.stdin.end();
    await ended;
  }
}
