import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { valuesFor } from "../../../../build/command-line/completion.ts";
import { temporaryFolder } from "../../../support/folder.ts";

const CLI = join(import.meta.dirname, "../../../../build/cli.ts");

test.each([
  { words: ["mkimage", "build", "--os", ""], gives: ["amazonlinux", "debian", "ubuntu", "alpine"] },
  { words: ["mkimage", "build", "--os", "al"], gives: ["alpine"] },
  { words: ["mkimage", "build", "--os", "alpine,de"], gives: ["alpine,debian"] },
  { words: ["mkimage", "build", "--os", "alpine,al"], gives: [] },
  { words: ["mkimage", "build", "--arch", "a"], gives: ["arm64", "amd64"] },
  { words: ["mkimage", "build", "--config", "m"], gives: undefined },
])("$words", ({ words, gives }) => {
  expect(valuesFor(words)).toEqual(gives);
});

test.each([
  { typed: "mkimage mod", has: "models" },
  { typed: "mkimage models ", has: "verify" },
  { typed: "mkimage build --ou", has: "--output" },
  { typed: "mkimage build --os ub", has: "ubuntu" },
])("in bash, $typed<TAB> has $has", async ({ typed, has }) => {
  const bin = await temporaryFolder({ mkimage: `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n` });
  const script = `
    chmod +x "${bin}/mkimage"; PATH="${bin}:$PATH"
    source <(mkimage completion bash)
    COMP_WORDS=(${typed
      .split(" ")
      .map((word) => `'${word}'`)
      .join(" ")}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
    _mkimage; printf '%s\\n' "\${COMPREPLY[@]}"`;
  expect((await execa("bash", ["-c", script])).stdout.split("\n")).toContain(has);
});
