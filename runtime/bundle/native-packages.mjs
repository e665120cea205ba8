// Copies the files of a native package that one Linux image needs out of node_modules:
// `node bundle/native-packages.mjs --package=onnxruntime --cpu=arm64 --out=/out` leaves /out/node_modules/onnxruntime-{node,common}.
// The npm packages of onnxruntime and tokenizers carry every platform, so one `npm ci --ignore-scripts` on any machine serves
// every target. sharp has to be installed for the target (`npm ci --os=linux --cpu=arm64 --libc=glibc`); its JavaScript comes
// from `npm run bundle-sharp`. Fails when a file is missing.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";

const CPUS = ["x64", "arm64"];
const KEPT_FIELDS = ["name", "version", "license", "type", "main"];

const PACKAGES = {
  onnxruntime(cpu) {
    copyManifest("onnxruntime-node/package.json");
    copy("onnxruntime-node/dist", (name) => name.endsWith(".js"));
    copy(`onnxruntime-node/bin/napi-v6/linux/${cpu}`, (name) => /\.node$|\.so(\.\d+)*$/.test(name));
    copyManifest("onnxruntime-common/package.json");
    copyManifest("onnxruntime-common/dist/cjs/package.json");
    copy("onnxruntime-common/dist/cjs", (name) => name.endsWith(".js"));
  },
  tokenizers(cpu) {
    copyManifest("tokenizers/package.json");
    copy("tokenizers", (name) => ["LICENSE", `tokenizers.linux-${cpu}-gnu.node`].includes(name));
  },
  sharp(cpu) {
    const [addon, libvips] = [`@img/sharp-linux-${cpu}`, `@img/sharp-libvips-linux-${cpu}`];
    copyManifest("sharp/package.json", [...KEPT_FIELDS, "exports"]);
    copyManifest(`${addon}/package.json`, [...KEPT_FIELDS, "exports"]);
    copy(addon, (name) => name === "index.cjs");
    copy(`${addon}/lib`, (name) => name.endsWith(".node"));
    copyManifest(`${libvips}/package.json`);
    // Its README lists the licences of the libraries that it contains.
    copy(libvips, (name) => name === "README.md");
    copy(`${libvips}/lib`, (name) => /\.so(\.\d+)*$/.test(name));
  },
};

const { values } = parseArgs({
  options: { package: { type: "string" }, cpu: { type: "string" }, out: { type: "string" } },
});
const trim = Object.hasOwn(PACKAGES, values.package ?? "") ? PACKAGES[values.package] : undefined;
if (!values.out || !trim || !CPUS.includes(values.cpu ?? "")) {
  const packages = Object.keys(PACKAGES).join("|");
  console.error(
    `usage: node bundle/native-packages.mjs --package=${packages} --cpu=${CPUS.join("|")} --out=DIR`,
  );
  process.exit(2);
}

const source = join(import.meta.dirname, "../node_modules");
const target = join(values.out, "node_modules");

/** Copies the files directly in `folder` whose name `keep` accepts: data and mode, without hard links. */
function copy(folder, keep) {
  const names = readdirSync(join(source, folder)).filter(keep);
  if (names.length === 0) throw new Error(`nothing to copy in ${join(source, folder)}: run npm ci first`);
  mkdirSync(join(target, folder), { recursive: true });
  for (const name of names) copyFileSync(join(source, folder, name), join(target, folder, name));
}

/** Writes package.json without the fields that only a package manager reads. */
function copyManifest(path, fields = KEPT_FIELDS) {
  const all = JSON.parse(readFileSync(join(source, path), "utf8"));
  const kept = Object.fromEntries(fields.filter((field) => field in all).map((field) => [field, all[field]]));
  mkdirSync(dirname(join(target, path)), { recursive: true });
  writeFileSync(join(target, path), `${JSON.stringify(kept)}\n`);
}

trim(values.cpu);
