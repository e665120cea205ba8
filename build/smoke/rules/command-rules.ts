import { posix } from "node:path";
import { ARCHES, type Arch, names } from "../../catalog.ts";
import { closedFolder, type FileEntry, may, resolve } from "./file-system.ts";
import type { Fault, Inspection, Rule } from "./rule.ts";

const SETTINGS = "https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#images-parms";

/** `e_machine` of ELF. */
const MACHINES: Readonly<Record<Arch, number>> = { arm64: 183, amd64: 62 };

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const variable = ({ settings }: Inspection, name: string): string | undefined =>
  settings.env.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);

/** The words that the image starts: its entry point with its command. */
export const startedWords = ({ settings }: Pick<Inspection, "settings">): string[] => [
  ...settings.entrypoint,
  ...settings.command,
];

/** The file that a word names, as execvp(3) finds it. */
function findProgram(image: Inspection, word: string): FileEntry | undefined {
  const { files, settings } = image;
  if (word.includes("/")) return resolve(files, posix.resolve("/", settings.workdir, word));
  const folders = (variable(image, "PATH") ?? DEFAULT_PATH).split(":");
  return folders
    .map((folder) => resolve(files, posix.join("/", folder, word)))
    .find((file) => file !== undefined);
}

const archOf = ({ arch, settings }: Inspection): string => arch ?? settings.architecture;

/** What keeps a file from being started as a program; undefined for a script, whose interpreter counts as well. */
function fileFault(image: Inspection, file: FileEntry): string | undefined {
  const closed = closedFolder(image.files, file.path);
  if (closed) return `is in ${closed}, which Lambda's user may not enter`;
  if (file.type === "directory") return "is a folder";
  if (!may(file, 1)) return `is not executable for Lambda's user (mode ${octal(file)})`;
  if (file.script !== undefined)
    return may(file, 4) ? undefined : `is a script that Lambda's user may not read (mode ${octal(file)})`;
  if (!file.elf) return "is neither a 64-bit ELF program nor a script with #!";
  const arch = archOf(image);
  if (file.elf.machine !== MACHINES[arch as Arch])
    return `is a program for ${machineName(file.elf.machine)}, and the image is for ${arch}`;
  const { interpreter } = file.elf;
  return interpreter && !resolve(image.files, interpreter)
    ? `is loaded by ${interpreter}, which is not in the image`
    : undefined;
}

/** How many interpreters may be scripts themselves. */
const MAX_SCRIPTS = 4;

/** What keeps a program from being started; of a script also what keeps its interpreter. */
function programFaults(image: Inspection, word: string, asked = "the entry point", depth = 0): Fault[] {
  const file = findProgram(image, word);
  if (!file) return [{ subject: `${asked} ${word}`, what: "is not in the image" }];
  const what = fileFault(image, file);
  if (what) return [{ subject: `${asked} ${file.path}`, what }];
  const [interpreter, argument] = file.script?.split(/\s+/) ?? [];
  if (!interpreter || depth === MAX_SCRIPTS) return [];
  // `#!/usr/bin/env node`: the program is the one that env finds.
  const isFound = posix.basename(interpreter) === "env" && argument && !argument.startsWith("-");
  const next = isFound ? argument : interpreter;
  return programFaults(image, next, `the interpreter of ${file.path},`, depth + 1);
}

const octal = ({ mode }: FileEntry): string => mode.toString(8).padStart(4, "0");

const machineName = (machine: number): string =>
  names(MACHINES).find((arch) => MACHINES[arch] === machine) ?? `machine ${machine}`;

function entryPoint(image: Inspection): Fault[] {
  const [first] = startedWords(image);
  if (!first) return [{ subject: "ENTRYPOINT", what: "neither it nor CMD names a program" }];
  return programFaults(image, first);
}

function architecture({ settings, arch }: Inspection): Fault[] {
  const { os, architecture: own } = settings;
  const subject = `${os}/${own}`;
  if (os !== "linux" || !Object.hasOwn(ARCHES, own))
    return [{ subject, what: "is no platform of Lambda: linux/arm64 and linux/amd64 are" }];
  return arch && own !== arch ? [{ subject, what: `is not the platform of this image, linux/${arch}` }] : [];
}

function workingFolder({ settings, files }: Inspection): Fault[] {
  const { workdir } = settings;
  if (!workdir || workdir === "/") return [];
  if (!workdir.startsWith("/")) return [{ subject: `WORKDIR ${workdir}`, what: "is not an absolute path" }];
  const folder = resolve(files, workdir);
  if (!folder)
    return [{ subject: `WORKDIR ${workdir}`, what: "is not in the image, and the root is read-only" }];
  if (folder.type !== "directory") return [{ subject: `WORKDIR ${workdir}`, what: "is no folder" }];
  if (!may(folder, 1) || closedFolder(files, folder.path))
    return [{ subject: `WORKDIR ${workdir}`, what: "is a folder that Lambda's user may not enter" }];
  return [];
}

function commandForm({ settings }: Inspection): Fault[] {
  const { entrypoint, command } = settings;
  const [first = ""] = [...entrypoint, ...command];
  const isShell = (words: readonly string[]) => words[0] === "/bin/sh" && words[1] === "-c";
  const shell = [["ENTRYPOINT", entrypoint] as const, ["CMD", command] as const]
    .filter(([, words]) => isShell(words))
    .map(([subject]) => ({
      subject,
      what: "is in the shell form: signals reach the shell, not the program",
    }));
  const relative =
    first && !first.startsWith("/") ? [{ subject: first, what: "is not an absolute path" }] : [];
  return [...shell, ...relative];
}

/** Labels and calls by which a runtime says that it may be restored. */
const SNAPSTART = "com.amazonaws.lambda.feature.snapstart";

function snapStart({ settings, files }: Inspection): Fault[] {
  if (settings.labels[SNAPSTART] === "Allow") return [];
  if ([...files.values()].some(({ restores }) => restores)) return [];
  return [{ subject: `LABEL ${SNAPSTART}`, what: "is not Allow, and no file calls restore/next" }];
}

/** The rules for what an image starts, and for its settings. */
export const COMMAND_RULES: readonly Rule[] = [
  {
    name: "platform",
    rule: "Linux on arm64 or amd64",
    why: "Lambda has no other machines, and a function names one architecture.",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/images-create.html",
    cure: "Build it with --platform linux/arm64 or linux/amd64.",
    level: "required",
    check: architecture,
  },
  {
    name: "entry-point",
    rule: "The entry point exists, is executable, and of the image's architecture",
    why: "The function ends at once with Runtime.InvalidEntrypoint.",
    source: SETTINGS,
    cure: "Correct ENTRYPOINT, the file's mode (chmod 0755), or the platform it was built for.",
    level: "required",
    check: entryPoint,
  },
  {
    name: "working-folder",
    rule: "WORKDIR is an absolute path of a folder that Lambda's user may enter",
    why: "The function ends at once with Runtime.InvalidWorkingDir.",
    source: SETTINGS,
    cure: "Name an existing folder by its absolute path, with mode 0755.",
    level: "required",
    check: workingFolder,
  },
  {
    name: "command-form",
    rule: "ENTRYPOINT and CMD in the exec form, the entry point by an absolute path",
    why: "Lambda documents an absolute path; a shell does not pass SIGTERM on.",
    source: SETTINGS,
    cure: 'Write ENTRYPOINT ["/absolute/path", "argument"].',
    level: "advice",
    check: commandForm,
  },
  {
    name: "user",
    rule: "No USER",
    why: "Lambda ignores it, and runs every function as its own user.",
    source: SETTINGS,
    cure: "Remove USER, and let every user read the files.",
    level: "advice",
    check: ({ settings: { user } }) =>
      user ? [{ subject: `USER ${user}`, what: "is ignored by Lambda" }] : [],
  },
  {
    name: "snapstart",
    rule: "The SnapStart label, or a call of restore/next",
    why: "Without either, a version with SnapStart cannot be published.",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html",
    cure: `Add LABEL ${SNAPSTART}=Allow when what must be new after a restore is renewed.`,
    level: "advice",
    check: snapStart,
  },
];
