// Bundles the program: `node bundle.mjs --out=DIR` leaves DIR/index.mjs, and beside it what only some models need;
// `--entry=verify/index` bundles the program that a build asks about its models.
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const { values } = parseArgs({
  options: { out: { type: "string" }, entry: { type: "string", default: "index" } },
});
if (!values.out) {
  console.error("usage: node bundle.mjs --out=DIR [--entry=verify/index]");
  process.exit(2);
}

/**
 * Takes Node's own modules without importing them: an import evaluates every export they have, and among those of `fs`
 * alone are some that load the rest of its streams.
 */
const builtins = {
  name: "builtins",
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
      contents: withoutImports(await readFile(path, "utf8")),
      loader: "ts",
    }));
  },
};

const withoutImports = (source) =>
  source.replace(
    /^import (\{[^}]*\}) from ("node:[^"]+");$/gm,
    (_, names, module) => `const ${names.replace(/ as /g, ": ")} = process.getBuiltinModule(${module});`,
  );

await build({
  entryPoints: [`${import.meta.dirname}/${values.entry}.ts`],
  outdir: values.out,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  splitting: true,
  // A package of its own in the images that need it.
  external: ["sharp"],
  mainFields: ["module", "main"],
  platform: "node",
  format: "esm",
  target: "node24",
  minifySyntax: true,
  minifyWhitespace: true,
  plugins: [builtins],
  logLevel: "warning",
}).catch(() => process.exit(1));
