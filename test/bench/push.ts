/**
 * What a push sends: `make bench-push`, or `node test/bench/push.ts [--check] [--json]`. Bytes from this machine to a
 * registry (Distribution), counted between the two with headers and all: of the eighth image of the matrix when the seven
 * others are there, of that image in another function's repository, and of a push with nothing to do; each as a share of
 * the image's packed size.
 */
import { ARCHES, names, OSES } from "../../build/catalog.ts";
import { startCountingProxy } from "../support/counting-proxy.ts";
import { startDistribution } from "../support/distribution.ts";
import { mkimageJson } from "../support/mkimage.ts";
import { MODEL, makeProject } from "../support/project.ts";
import { type Figure, report } from "./figure.ts";

/** Largest share of the eighth image that meets the goal. */
const GOAL = 0.05;

interface PushedRow {
  readonly name: string;
  readonly digest: string;
  readonly reference: string;
}

interface Layer {
  readonly digest: string;
  /** Bytes, packed. */
  readonly size: number;
}

const sizeOf = (layers: readonly Layer[]): number => layers.reduce((sum, { size }) => sum + size, 0);

await using registry = await startDistribution();
await using proxy = await startCountingProxy(registry.host);
const project = await makeProject();
try {
  const twin = `${project.function}-twin`;
  await project.writeConfig({
    functions: { [project.function]: { model: MODEL }, [twin]: { model: MODEL } },
    repository: "<function>",
    version: "1.0",
  });
  /** Pushes cells; returns how many bytes that took, and what is there now. */
  const push = async (owner: string, os: readonly string[], arch: readonly string[]) => {
    proxy.take();
    const cells = ["--function", owner, "--os", os.join(","), "--arch", arch.join(",")];
    const rows = await mkimageJson<PushedRow[]>(["push", "--registry", `${proxy.host}/bench`, ...cells], {
      cwd: project.folder,
    });
    const sent = proxy.take();
    process.stderr.write(`${rows.map(({ name }) => name).join(", ")} of ${owner}: ${sent} bytes\n`);
    return { sent, rows };
  };
  /** An image's layers, as the registry has them. */
  const layersOf = async ({ digest }: PushedRow): Promise<readonly Layer[]> => {
    const found = await registry.ask(`bench/${project.function}`, `manifests/${digest}`, {
      headers: { accept: "application/vnd.oci.image.manifest.v1+json" },
    });
    return ((await found.json()) as { layers: readonly Layer[] }).layers;
  };
  // The matrix in its own order: the eighth is that of the last row of each table.
  const [lastOs = "", lastArch = ""] = [names(OSES).at(-1), names(ARCHES).at(-1)];
  const others = {
    os: names(OSES).filter((name) => name !== lastOs),
    arch: names(ARCHES).filter((name) => name !== lastArch),
  };
  const first = await push(project.function, names(OSES), others.arch);
  const then = await push(project.function, others.os, [lastArch]);
  const eighth = await push(project.function, [lastOs], [lastArch]);
  const again = await push(project.function, [lastOs], [lastArch]);
  const elsewhere = await push(twin, [lastOs], [lastArch]);
  const images = [...first.rows, ...then.rows, ...eighth.rows];
  const layers = await Promise.all(images.map(layersOf));
  for (const [at, image] of images.entries()) {
    const rest = new Set(
      layers.flatMap((each, index) => (index === at ? [] : each)).map(({ digest }) => digest),
    );
    const own = sizeOf((layers[at] ?? []).filter(({ digest }) => !rest.has(digest)));
    const share = ((100 * own) / sizeOf(layers[at] ?? [])).toFixed(1);
    process.stderr.write(`${image.name}: ${own} bytes of layers that no other image has, ${share} % of it\n`);
  }
  const size = sizeOf(layers.at(-1) ?? []);
  const against = "its packed size";
  const figure = (name: string, sent: number, goal: number): Figure => ({
    name,
    against,
    ours: sent / 1e6,
    theirs: size / 1e6,
    unit: "MB",
    goal,
  });
  const image = eighth.rows[0]?.name;
  report([
    figure(`the eighth image (${image}) after seven, sent`, eighth.sent, GOAL),
    figure("the same image in another function's repository, sent", elsewhere.sent, GOAL),
    figure("a push with nothing to do, sent", again.sent, 0.001),
  ]);
} finally {
  await project.remove();
}
