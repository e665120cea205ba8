import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa, execaSync } from "execa";
import { describe, expect, test } from "vitest";
import { type BakeFile, type BakeTarget, toBakeFile } from "../../build/bake/bake.ts";
import { makePlan } from "../../build/plan/plan.ts";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { temporaryFolder } from "../support/folder.ts";
import { configOf, FACTS, MINIMAL } from "../support/plan-facts.ts";

const GOLDEN = join(import.meta.dirname, "../golden");
const FILES = readdirSync(GOLDEN).filter((file) => file.endsWith(".bake.json"));

/** `bake --print` needs the plugin, but neither engine nor builder. */
const hasBuildx = execaSync("docker", ["buildx", "version"], { reject: false }).exitCode === 0;

/** What buildx understands of a target, in the fields that it gives back as they were. */
type Understood = Pick<
  BakeTarget,
  "context" | "dockerfile" | "target" | "contexts" | "args" | "labels" | "platforms" | "tags"
> & {
  readonly output: readonly { readonly type: string }[];
  readonly attest?: readonly object[];
};

async function understood(
  file: BakeFile,
): Promise<{ group: BakeFile["group"]; target: Record<string, Understood> }> {
  const { stdout } = await execa("docker", ["buildx", "bake", "--print", "--file", "-"], {
    input: JSON.stringify(file),
  });
  return JSON.parse(stdout);
}

test("there is a golden bake file to check", () => {
  expect(FILES.length).toBeGreaterThanOrEqual(5);
});

describe.skipIf(!hasBuildx)("docker buildx bake --print", () => {
  test.each(FILES)("understands %s as it was meant", async (name) => {
    // buildx looks whether a secret is there.
    const secret = await temporaryFolder({ "ca.pem": "" });
    const places = {
      "<root>/ca.pem": join(secret, "ca.pem"),
      "<root>": TOOL_ROOT,
      "<cache>": "/cache",
      "<project>": "/project",
    };
    const golden = await readFile(join(GOLDEN, name), "utf8");
    const file: BakeFile = JSON.parse(
      golden.replace(
        /<root>\/ca\.pem|<root>|<cache>|<project>/g,
        (place) => places[place as keyof typeof places],
      ),
    );
    const { group, target } = await understood(file);
    expect([...group.default.targets].sort()).toEqual([...file.group.default.targets].sort());
    expect(Object.keys(target).sort()).toEqual(Object.keys(file.target).sort());
    for (const [key, { output, attest, secret: given, ...fields }] of Object.entries(file.target)) {
      expect(target[key]).toMatchObject(fields);
      expect(target[key]?.output).toEqual([{ type: output ? "docker" : "cacheonly" }]);
      expect(target[key]?.attest ?? []).toHaveLength(attest?.length ?? 0);
      if (given) expect(target[key]).toMatchObject({ secret: [{ id: "ca", src: join(secret, "ca.pem") }] });
    }
  });

  test("takes text that looks like its own expressions as text", async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: text that bake would evaluate
    const license = "${HOME} $${x} %{ if true }%{ endif } $x 100%";
    const model = FACTS.models["minilm"];
    if (!model) throw new Error("no model");
    const models = { minilm: { ...model, spec: { ...model.spec, license } } };
    const plan = makePlan(await configOf(MINIMAL, { os: ["debian"], arch: ["arm64"] }), { ...FACTS, models });
    const { target } = await understood(toBakeFile(plan, { root: TOOL_ROOT, output: () => "type=docker" }));
    // What it prints can be fed to it again, so it escapes as the file does.
    const printed = target["embed-debian-arm64"]?.labels?.["org.opencontainers.image.licenses"];
    expect(printed?.replace(/([$%])\1(?=\{)/g, "$1")).toBe(license);
  });
});
