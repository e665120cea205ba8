import { readFile } from "node:fs/promises";

/** Classes of CPUs by the instructions that ONNX Runtime has kernels for, the fastest first: flags of /proc/cpuinfo. */
const CLASSES = [
  ["avx512_vnni", "AVX-512 VNNI"],
  ["avx_vnni", "AVX-VNNI"],
  ["avx2", "AVX2"],
  ["i8mm", "NEON i8mm"],
  ["asimddp", "NEON dot product"],
  ["asimd", "NEON"],
] as const;

/** The class of a machine's CPU, which decides how much faster 8 bits are than 32. */
export function cpuClass(cpuinfo: string): string {
  const flags = new Set(/^(?:flags|Features)\s*:(.*)$/m.exec(cpuinfo)?.[1]?.trim().split(/\s+/));
  return CLASSES.find(([flag]) => flags.has(flag))?.[1] ?? "a CPU of no known class";
}

export const thisCpu = async (): Promise<string> => cpuClass(await readFile("/proc/cpuinfo", "utf8"));
