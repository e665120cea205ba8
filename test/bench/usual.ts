import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { ARCHES, type Arch } from "../../build/catalog.ts";
import { packageSecrets } from "../../build/command-line/run.ts";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { layersSize } from "./packed.ts";

const FOLDER = join(import.meta.dirname, "usual");
/** Its packages are those of the baseline of `mkimage bench`. */
const PACKAGES = join(TOOL_ROOT, "images", "baseline-transformers");

/** The image that the usual Dockerfile makes of a model, for one architecture. */
export class UsualImage {
  readonly #arch: Arch;
  readonly #model: string;
  readonly reference: string;

  /** @param model folder with the model's files */
  constructor(arch: Arch, model: string, reference: string) {
    this.#arch = arch;
    this.#model = model;
    this.reference = reference;
  }

  async #build(...args: string[]): Promise<void> {
    const secrets = packageSecrets().flatMap((secret) => ["--secret", secret]);
    const common = ["--progress=plain", "--provenance=false", "--platform", ARCHES[this.#arch].platform];
    const contexts = [`files=${this.#model}`, `packages=${PACKAGES}`].flatMap((each) => [
      "--build-context",
      each,
    ]);
    const all = [...common, ...contexts, ...secrets, ...args, FOLDER];
    await execa("docker", ["buildx", "build", ...all], { stdin: "ignore" });
  }

  /** Builds it from nothing and loads it into the engine. */
  build(): Promise<void> {
    return this.#build("--no-cache", "--load", "--tag", this.reference);
  }

  /** Bytes of its packed layers, as a registry stores them. */
  async packedSize(): Promise<number> {
    const layout = await mkdtemp(join(tmpdir(), "mkimage-bench-usual-"));
    try {
      await this.#build(
        "--output",
        `type=oci,tar=false,dest=${layout},compression=gzip,force-compression=true`,
      );
      return await layersSize(layout);
    } finally {
      await rm(layout, { recursive: true, force: true });
    }
  }

  /** What it answers to a sentence: a comparison with an image that does not work would be worth nothing. */
  async answer(sentence: string): Promise<number[]> {
    const { platform } = ARCHES[this.#arch];
    const args = ["run", "--rm", "--platform", platform, this.reference, "node", "app.mjs", sentence];
    const { stdout } = await execa("docker", args);
    return JSON.parse(stdout) as number[];
  }

  async remove(): Promise<void> {
    await execa("docker", ["rmi", "--force", this.reference]);
  }
}
