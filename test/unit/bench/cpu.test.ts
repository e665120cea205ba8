import { expect, test } from "vitest";
import { cpuClass } from "../../bench/cpu.ts";

test.each([
  ["flags\t\t: fpu sse2 avx avx2 fma", "AVX2"],
  ["flags\t\t: fpu avx2 avx_vnni avx512f avx512_vnni", "AVX-512 VNNI"],
  ["flags\t\t: fpu avx2 avx_vnni", "AVX-VNNI"],
  ["Features\t: fp asimd evtstrm asimddp", "NEON dot product"],
  ["Features\t: fp asimd asimddp i8mm bf16", "NEON i8mm"],
  ["flags\t\t: fpu sse2", "a CPU of no known class"],
])("%j is of the class %s", (cpuinfo, expected) => {
  expect(cpuClass(`processor\t: 0\n${cpuinfo}\nbogomips\t: 5192\n`)).toBe(expected);
});
