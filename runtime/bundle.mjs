// Bundles the program: `node bundle.mjs --out=DIR` leaves DIR/index.mjs, and beside it what only some models need.
import { parseArgs } from "node:util";
import { build } from "esbuild";

const { values } = parseArgs({ options: { out: { type: "string" } } });
if (!values.out) {
  console.error("usage: node bundle.mjs --out=DIR");
  process.exit(2);
}

/**
 * Node's own modules, not by `import`: that evaluates every export they have, and among those of `fs` alone are some that
 * load the rest of its streams.
 */
const builtins = {
  name: "builtins",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: "builtin" }));
    onLoad({ filter: /^/, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

await build({
  entryPoints: [`${import.meta.dirname}/index.ts`],
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
