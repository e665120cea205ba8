import { readFile } from "node:fs/promises";
import { availableParallelism, cpus, arch as nodeArch, totalmem } from "node:os";
import type { Result } from "./results.ts";

/** Instruction sets that ONNX Runtime's kernels differ by. */
const FEATURES = [
  "avx2",
  "avx512f",
  "avx512_vnni",
  "avx_vnni",
  "amx_int8",
  "asimdhp",
  "asimddp",
  "i8mm",
  "bf16",
];

/** The machine that measures: its processor with the instruction sets that count, and its memory. */
export async function machineFacts(): Promise<Result["run"]["machine"]> {
  const text = await readFile("/proc/cpuinfo", "utf8").catch(() => "");
  const [, flags = ""] = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(text) ?? [];
  const known = new Set(flags.split(" "));
  return {
    cpu: cpus()[0]?.model.trim() || "unknown",
    arch: nodeArch() === "arm64" ? "arm64" : "amd64",
    features: FEATURES.filter((name) => known.has(name)),
    cores: availableParallelism(),
    memoryMB: Math.round(totalmem() / 1024 ** 2),
  };
}
