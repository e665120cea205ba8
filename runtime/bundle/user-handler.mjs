// Bundles a project's handler and its imports into one file: `node bundle/user-handler.mjs --project=/project
// --handler=handler.ts --out=/out/var/task` writes /out/var/task/handler.mjs and its source map. Errors are printed in lines
// that mkimage finds in the build's log: the first begins with `mkimage: `.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { removeNative } from "./handler-packages.mjs";

const { values } = parseArgs({
  options: { project: { type: "string" }, handler: { type: "string" }, out: { type: "string" } },
});
const { project, handler, out } = values;
if (!project || !handler || !out) {
  console.error("usage: node bundle/user-handler.mjs --project=DIR --handler=FILE --out=DIR");
  process.exit(2);
}

/** CommonJS packages need these names, which an ES module lacks; `var`, because a handler may declare them itself. */
const COMMONJS =
  'import{createRequire as __mkimageRequire}from"node:module";' +
  "var require=__mkimageRequire(import.meta.url),__filename=import.meta.filename,__dirname=import.meta.dirname;";

const SHOWN = 5;
const WIDTH = 200;

/** Folder of the nearest package-lock.json, from the handler's folder up to the project's; undefined without one. */
function packagesFolder(folder = dirname(handler)) {
  if (existsSync(join(project, folder, "package-lock.json"))) return folder;
  return folder === "." ? undefined : packagesFolder(dirname(folder));
}
const packages = packagesFolder();
const native = packages === undefined ? new Set() : removeNative(join(project, packages));

/** `mkimage/handler` has only types: a project can be bundled without mkimage installed. */
const types = {
  name: "types",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^mkimage\/handler$/ }, ({ path }) => ({ path, namespace: "types" }));
    onLoad({ filter: /.*/, namespace: "types" }, () => ({ contents: "export {}" }));
  },
};

function refuse(lines) {
  console.log(`mkimage: ${lines.join("\n")}`);
  process.exit(1);
}

function remedy({ text }) {
  const [, name] = /^Could not resolve "((?:@[^/"]+\/)?[^./"][^/"]*)/.exec(text) ?? [];
  if (native.has(name) || text.startsWith('No loader is configured for ".node"')) {
    return `${name ?? "a file *.node"} has native code, and a handler's bundle is the same for all platforms: use a package in JavaScript or WebAssembly`;
  }
  if (!name) return undefined;
  return packages === undefined
    ? `packages need a package-lock.json beside the handler or above it: npm install ${name}`
    : `${name} is not among the dependencies of ${join(packages, "package-lock.json")}: npm install ${name}`;
}

const cut = (text) => (text.length > WIDTH ? `${text.slice(0, WIDTH)}…` : text);

function describe(error) {
  const { text, location, notes } = error;
  const at = location ? `${location.file}:${location.line}:${location.column + 1}: ` : "";
  const placed = notes.filter(({ location }) => location);
  const more = placed.map((note) => `${note.location.file}:${note.location.line}: ${note.text}`);
  const details = [location?.lineText.trim(), ...more, remedy(error)].filter(Boolean);
  return [`  ${cut(at + text)}`, ...details.map((detail) => `    ${cut(detail)}`)];
}

const result = await build({
  absWorkingDir: project,
  entryPoints: [{ in: `./${handler}`, out: "handler" }],
  outdir: out,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node24",
  // The image contains them, in the runtime's version.
  external: ["onnxruntime-node", "onnxruntime-common"],
  banner: { js: COMMONJS },
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: true,
  sourcesContent: false,
  metafile: true,
  logLevel: "silent",
  plugins: [types],
}).catch(({ errors, message }) => {
  if (!errors) refuse([`${handler} cannot be bundled`, `  ${message}`]);
  const more = errors.length > SHOWN ? [`  and ${errors.length - SHOWN} more`] : [];
  refuse([`${handler} cannot be bundled`, ...errors.slice(0, SHOWN).flatMap(describe), ...more]);
});

const [{ exports }] = Object.values(result.metafile.outputs).filter(({ entryPoint }) => entryPoint);
if (!exports.includes("default")) {
  const has = exports.length > 0 ? `it exports ${exports.join(", ")}` : "it exports nothing";
  refuse([
    `${handler} has no default export: ${has}`,
    "  write it as: export default (async (event, { pipeline, next }) => …) satisfies Handler",
    '  or, if it is not for mkimage, say so in mkimage.json: "handler": false',
  ]);
}
