// Bundles the program: `node bundle/program.mjs --out=DIR` writes DIR/index.mjs, and chunks that only some models load.
// `--entry=verify/index` bundles the program that checks a model during the build.
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const { values } = parseArgs({
  options: { out: { type: "string" }, entry: { type: "string", default: "index" } },
});
if (!values.out) {
  console.error("usage: node bundle/program.mjs --out=DIR [--entry=verify/index]");
  process.exit(2);
}

/**
 * Loads Node's built-in modules without importing them: an import evaluates every export, and some of those of `fs` load
 * the streams.
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
  entryPoints: [`${import.meta.dirname}/../${values.entry}.ts`],
  outdir: values.out,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  splitting: true,
  // A separate package, only in the images that need it.
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
