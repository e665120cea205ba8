// Copies what one Linux image needs of ONNX Runtime out of node_modules: `node trim.mjs --cpu=arm64 --out=/out`
// leaves /out/node_modules/onnxruntime-{node,common}. The npm package carries every platform (288 MB), so one
// `npm ci --ignore-scripts` on any machine serves every target. Fails when a file it relies on is not there.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";

const CPUS = ["x64", "arm64"];
const KEPT_FIELDS = ["name", "version", "license", "type", "main"];

const { values } = parseArgs({ options: { cpu: { type: "string" }, out: { type: "string" } } });
if (!values.out || !CPUS.includes(values.cpu ?? "")) {
  console.error(`usage: node trim.mjs --cpu=${CPUS.join("|")} --out=DIR`);
  process.exit(2);
}

const source = join(import.meta.dirname, "node_modules");
const target = join(values.out, "node_modules");

/** Copies the files directly in `folder` whose name `keep` accepts; data and mode only, so never a hard link. */
function copy(folder, keep) {
  const names = readdirSync(join(source, folder)).filter(keep);
  if (names.length === 0) throw new Error(`nothing to copy in ${join(source, folder)}: run npm ci first`);
  mkdirSync(join(target, folder), { recursive: true });
  for (const name of names) copyFileSync(join(source, folder, name), join(target, folder, name));
}

/** package.json without the fields that only a package manager reads. */
function copyManifest(path) {
  const all = JSON.parse(readFileSync(join(source, path), "utf8"));
  const kept = Object.fromEntries(
    KEPT_FIELDS.filter((field) => field in all).map((field) => [field, all[field]]),
  );
  mkdirSync(dirname(join(target, path)), { recursive: true });
  writeFileSync(join(target, path), `${JSON.stringify(kept)}\n`);
}

copyManifest("onnxruntime-node/package.json");
copy("onnxruntime-node/dist", (name) => name.endsWith(".js"));
copy(`onnxruntime-node/bin/napi-v6/linux/${values.cpu}`, (name) => /\.node$|\.so(\.\d+)*$/.test(name));
copyManifest("onnxruntime-common/package.json");
copyManifest("onnxruntime-common/dist/cjs/package.json");
copy("onnxruntime-common/dist/cjs", (name) => name.endsWith(".js"));
