import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";

/** A text that runs something: it leaves a file of this name among the marks. */
type Trap = (mark: string) => string;

const shell: Trap = (mark) => `#!/bin/sh\ntouch '${mark}'\nexit 1\n`;
const python: Trap = (mark) => `open(${JSON.stringify(mark)}, "w").close()\n`;
const node: Trap = (mark) => `require("node:fs").writeFileSync(${JSON.stringify(mark)}, "");\n`;
const module: Trap = (mark) =>
  `import { writeFileSync } from "node:fs";\nwriteFileSync(${JSON.stringify(mark)}, "");\n`;

const PROGRAMS = [
  "docker",
  "git",
  "python3",
  "ps",
  "npm",
  "node",
  "sh",
  "tar",
  "docker-credential-trap",
  "buildctl",
];
const MODULES = [
  "pip",
  "zipfile",
  "json",
  "runpy",
  "sitecustomize",
  "usercustomize",
  "encodings",
  "os",
  "ssl",
];

/** Files that some program takes for its own when it is started in their folder, by path. */
const FILES: Readonly<Record<string, Trap>> = {
  ...Object.fromEntries(
    PROGRAMS.flatMap((name) => [
      [`node_modules/.bin/${name}`, shell],
      [name, shell],
    ]),
  ),
  ...Object.fromEntries(MODULES.map((name) => [`${name}.py`, python])),
  "pip/__main__.py": python,
  ".docker/cli-plugins/docker-buildx": shell,
  ".docker/config.json": () => '{"credsStore":"trap","auths":{}}',
  "cli-plugins/docker-buildx": shell,
  ".npmrc": (mark) => `ignore-scripts=false\nscript-shell=${mark}.sh\nnode-options=--require ${mark}.cjs\n`,
  "package.json": (mark) =>
    JSON.stringify({ type: "commonjs", scripts: { preinstall: `touch ${mark}`, prepare: `touch ${mark}` } }),
  ".env": (mark) =>
    `NODE_OPTIONS=--require=${mark}.cjs\nDOCKER_CONFIG=.docker\nDOCKER_HOST=tcp://127.0.0.1:1\n`,
  "node.config.json": (mark) => JSON.stringify({ nodeOptions: { import: [`${mark}.cjs`] } }),
  "mkimage.config.js": node,
  "mkimage.config.ts": module,
  "mkimage.js": node,
  "node_modules/execa/index.js": node,
  "node_modules/yargs/index.cjs": node,
  "node_modules/dockerode/lib/docker.js": node,
  "tsconfig.json": () => '{"extends":"./nowhere.json"}',
  "setup.py": python,
  "pyproject.toml": (mark) => `[build-system]\nrequires=[]\nbuild-backend="${dirname(mark)}"\n`,
  Dockerfile: () => "FROM scratch\nCOPY . /trap\n",
  "docker-bake.json": () => '{"target":{"default":{"output":["type=local,dest=bake-trap"]}}}',
  "docker-bake.override.json": () => '{"target":{"default":{"output":["type=local,dest=bake-trap"]}}}',
};

/** What a repository's own configuration makes git run. */
const GIT: readonly (readonly [name: string, value: (program: string) => string])[] = [
  ...["core.fsmonitor", "core.sshCommand", "core.editor", "core.pager", "diff.external", "gpg.program"].map(
    (name) => [name, (program: string) => program] as const,
  ),
  ["log.showSignature", () => "true"],
  ["filter.trap.clean", (program) => program],
  ["filter.trap.process", (program) => program],
  ["filter.trap.required", () => "true"],
  ["diff.trap.textconv", (program) => program],
  ["alias.status", (program) => `!${program}`],
  ["alias.log", (program) => `!${program}`],
  ["credential.helper", (program) => `!${program}`],
  ["uploadpack.packObjectsHook", (program) => program],
];
const HOOKS = [
  "post-index-change",
  "pre-auto-gc",
  "reference-transaction",
  "post-checkout",
  "fsmonitor-watchman",
];

const nameOf = (path: string) => path.replaceAll("/", "_");

/**
 * Fills a project with files by which programs that are started in it could be made to run something. Each leaves a mark in
 * the folder `marks`, outside of the project, when it does.
 * @returns how many there are
 */
export async function setTraps(project: string, marks: string): Promise<number> {
  const write = async (path: string, content: string) => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    await chmod(path, 0o755);
  };
  const git = (...args: string[]) =>
    execa("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], { cwd: project });
  await git("init", "--quiet");
  await git("add", ".");
  await git("commit", "--quiet", "--message", "first");
  for (const [path, trap] of Object.entries(FILES)) {
    const mark = join(marks, nameOf(path));
    await write(join(project, path), trap(mark));
  }
  const programs = join(dirname(marks), "programs");
  for (const [name, value] of GIT) {
    const program = join(programs, name);
    await write(program, shell(join(marks, `git_${name}`)));
    await git("config", name, value(program));
  }
  for (const hook of HOOKS)
    await write(join(project, ".git/hooks", hook), shell(join(marks, `git_hook_${hook}`)));
  await write(join(project, ".gitattributes"), "* filter=trap diff=trap\n");
  return Object.keys(FILES).length + GIT.length + HOOKS.length;
}
