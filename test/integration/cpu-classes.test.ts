import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recipe } from "../../build/bake/targets.ts";
import { PART_BASES, QUANTIZATIONS } from "../../build/catalog.ts";
import { makeBakeFile } from "../../build/clients/bake-file.ts";
import { runBake } from "../../build/clients/buildx.ts";
import { packageSecrets } from "../../build/command-line/run.ts";
import { readLock } from "../../build/models/lockfile.ts";
import { readyModel } from "../../build/models/ready-model.ts";
import { loadSpec } from "../../build/models/specs.ts";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { MODEL } from "../support/project.ts";

/** An emulator that shows a program a CPU of another class: one with AVX2 and no VNNI, as Lambda's x86 machines may be. */
const EMULATOR = "/usr/bin/qemu-x86_64";
const CPU = "EPYC-Rome";

/** Those whose weights or ranges are computed. */
const RECIPES = {
  "int8-arm64": QUANTIZATIONS.int8.recipes.arm64,
  "int8-static-amd64": QUANTIZATIONS["int8-static"].recipes.amd64,
};
const GATE = { kind: "embedding", limits: { cosine: -1 } };

/** The stage's own steps, as they are and under the emulator; a folder for each class with digests and reports. */
const DOCKERFILE = `
FROM python AS made
COPY --from=emulator qemu-x86_64 /emulator
COPY <<EOF /samples.json
[]
EOF
ARG RECIPES GATE
RUN --network=none --mount=from=files,target=/files <<"SCRIPT"
set -eu
python=$(readlink -f "$(command -v python3)")
for class in native emulated; do
  with=; if [ $class = emulated ]; then with="/emulator -cpu ${CPU}"; fi
  for name in $(python3 -c 'import json, os; print(*json.loads(os.environ["RECIPES"]))'); do
    export RECIPE=$(NAME=$name python3 -c 'import json, os; print(json.dumps(json.loads(os.environ["RECIPES"])[os.environ["NAME"]]))')
    out=/out/$class/$name
    mkdir -p "$out"
    $with "$python" /stage/convert.py /files /samples.json "/made/$class/$name" "$out/report.json"
    (cd "/made/$class/$name" && find . -type f | sort | xargs sha256sum) > "$out/digests"
    QUANTIZATION=$name $with "$python" /stage/gate.py /files /samples.json "/made/$class/$name" "$out/report.json"
  done
done
SCRIPT
FROM scratch
COPY --from=made /out /
`;

let out: string;
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), "mkimage-classes-"));
  await mkdir(join(out, "emulator"));
  if (existsSync(EMULATOR)) await copyFile(EMULATOR, join(out, "emulator/qemu-x86_64"));
});
afterAll(() => rm(out, { recursive: true, force: true }));

async function build(): Promise<void> {
  const { signal } = new AbortController();
  const options = { project: TOOL_ROOT, signal, log: () => {} };
  const own = { spec: await loadSpec(TOOL_ROOT, MODEL), lock: await readLock(TOOL_ROOT) };
  const { dir } = await readyModel(MODEL, own, options);
  const file = makeBakeFile(
    ["classes"],
    [
      [
        "python",
        recipe(
          "model",
          { root: TOOL_ROOT },
          {
            target: "python",
            args: { PYTHON: PART_BASES.python },
            secret: packageSecrets(),
          },
        ),
      ],
      [
        "classes",
        {
          context: out,
          "dockerfile-inline": DOCKERFILE,
          contexts: { python: "target:python", files: dir, emulator: join(out, "emulator") },
          args: { RECIPES: JSON.stringify(RECIPES), GATE: JSON.stringify(GATE) },
          output: [`type=local,dest=${out}`],
        },
      ],
    ],
  );
  await runBake(file, { signal });
}

test.runIf(process.arch === "x64" && existsSync(EMULATOR))(
  "layers are the same bytes, and figures the same numbers, whichever class of CPU makes them",
  async () => {
    await build();
    for (const name of Object.keys(RECIPES)) {
      const read = async (file: string) =>
        Promise.all(["native", "emulated"].map((each) => readFile(join(out, each, name, file), "utf8")));
      const [native, emulated] = await read("digests");
      expect(native).toMatch(/model\.onnx\.data/);
      expect(emulated, name).toBe(native);
      const [here, there] = (await read("report.json")).map(
        (text) => (JSON.parse(text) as { figures: Record<string, number> }).figures,
      );
      for (const [figure, value] of Object.entries(here ?? {}))
        expect(there?.[figure], `${name} ${figure}`).toBeCloseTo(value, 3);
    }
  },
  // An emulated processor takes half of it on a machine that does nothing else.
  20 * 60_000,
);
