import { gibibytes } from "../../output.ts";
import { type AbiReport, checkAbi, definedAbi, type ElfFile } from "../abi/abi.ts";
import { closedFolder, type FileEntry, may } from "./file-system.ts";
import type { Fault, Inspection, Rule } from "./rule.ts";
import { findSecrets } from "./secrets.ts";

/** Lambda's limit for all layers of an image, unpacked: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const MAX_UNPACKED = 10 * 1024 ** 3;

/** Folders from which a function is loaded: LAMBDA_TASK_ROOT, LAMBDA_RUNTIME_DIR and what layers and models are put into. */
const FUNCTION_FOLDERS = ["/var/task", "/var/runtime", "/opt"];

/** Folders that are empty or mounted anew in a sandbox. */
const NOT_THE_IMAGES = /^\/(?:tmp|proc|sys|dev)(?:\/|$)/;

const octal = ({ mode }: FileEntry): string => mode.toString(8).padStart(4, "0");

export function sizeFaults({ unpacked }: Pick<Inspection, "unpacked">): Fault[] {
  if (unpacked <= MAX_UNPACKED) return [];
  return [
    {
      subject: "the layers",
      what: `have ${gibibytes(unpacked)} unpacked, and Lambda takes ${gibibytes(MAX_UNPACKED)} at most`,
    },
  ];
}

/** Whether the function itself is made of a file: what mkimage has put there, and the usual folders. */
function isOfFunction({ path, layer }: FileEntry, { ownFrom, settings }: Inspection): boolean {
  if (ownFrom !== undefined && layer >= ownFrom) return true;
  const folders = settings.workdir.length > 1 ? [settings.workdir, ...FUNCTION_FOLDERS] : FUNCTION_FOLDERS;
  return folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
}

function readable(image: Inspection): Fault[] {
  return [...image.files.values()].flatMap((file): Fault[] => {
    if (NOT_THE_IMAGES.test(file.path) || !isOfFunction(file, image)) return [];
    if (file.type === "directory")
      return may(file, 5) ? [] : [{ subject: file.path, what: `is a folder with mode ${octal(file)}` }];
    if (file.type !== "file") return [];
    const closed = closedFolder(image.files, file.path);
    if (closed) return [{ subject: file.path, what: `is in ${closed}, which Lambda's user may not enter` }];
    return may(file, 4) ? [] : [{ subject: file.path, what: `has mode ${octal(file)}` }];
  });
}

/** A sticky folder, such as /var/tmp, is made for everyone. */
function worldWritable({ files }: Inspection): Fault[] {
  return [...files.values()].flatMap((file) => {
    const { path, type, mode } = file;
    const isPlace = type === "file" || (type === "directory" && (mode & 0o1000) === 0);
    if (!isPlace || (mode & 0o002) === 0 || NOT_THE_IMAGES.test(path)) return [];
    return [{ subject: path, what: `has mode ${octal(file)}` }];
  });
}

function hardLinks({ layers, ownFrom = Number.POSITIVE_INFINITY }: Inspection): Fault[] {
  return layers.flatMap((entries, index) => {
    const before = new Set<string>();
    return entries.flatMap(({ path, type, target = "" }): Fault[] => {
      const known = before.has(target);
      before.add(path);
      if (type !== "link" || (known && index < ownFrom)) return [];
      const where = known ? "" : ", which is not before it in the same layer";
      return [{ subject: path, what: `is a hard link to ${target} in layer ${index + 1}${where}` }];
    });
  });
}

const elfFiles = ({ files }: Inspection): ElfFile[] =>
  [...files.values()].flatMap(({ path, type, elf }) => (elf && type === "file" ? [{ path, elf }] : []));

/** Every ELF file of the image against the libraries of its system. */
export function abiOf(image: Inspection): AbiReport {
  const elves = elfFiles(image);
  return checkAbi(elves, image.abi ?? definedAbi(elves));
}

const symbolVersions = (image: Inspection): Fault[] =>
  abiOf(image).faults.map(({ file, needs, has }) => ({
    subject: file,
    what: `needs ${needs}; newest is ${has}`,
  }));

/** Of files in every layer: one that a later layer removes is still sent. */
function secretFiles({ layers, notSecret = [] }: Inspection): Fault[] {
  const isKnown = (path: string) => notSecret.some((known) => path === known || path.startsWith(`${known}/`));
  return layers.flatMap((entries, index) =>
    entries.flatMap(({ path, secrets }) =>
      (isKnown(path) ? [] : secrets).map(({ kind, line }) => ({
        subject: path,
        what: `has a ${kind} in line ${line}, in layer ${index + 1}`,
      })),
    ),
  );
}

/** What the settings hold that anyone can read who may pull the image. */
export async function settingSecrets({ settings }: Pick<Inspection, "settings">): Promise<Fault[]> {
  const texts: [string, string][] = [
    ...settings.env.map((each): [string, string] => [`ENV ${each.split("=")[0]}`, each]),
    ...Object.entries(settings.labels).map(([name, value]): [string, string] => [`LABEL ${name}`, value]),
    ...settings.history.map((each, index): [string, string] => [`history, step ${index + 1}`, each]),
  ];
  const found = texts.map(async ([subject, text]) =>
    (await findSecrets(text)).map(({ kind }) => ({ subject, what: `has a ${kind}` })),
  );
  return (await Promise.all(found)).flat();
}

export const SIZE_RULE: Rule = {
  name: "size",
  rule: "10 GiB at most, unpacked",
  why: "Lambda refuses a larger image.",
  source: "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
  cure: "Choose a smaller model, fewer models in one image, or --quantization int8.",
  level: "required",
  check: sizeFaults,
};

/** The rules for an image's files. */
export const FILE_RULES: readonly Rule[] = [
  SIZE_RULE,
  {
    name: "readable",
    rule: "Lambda's user (993:990) may read every file of the function",
    why: "The function fails with a permission error; run as root on this machine, it does not.",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/images-create.html",
    cure: "Give files mode 0644, programs and folders 0755: COPY --chmod=…, or RUN chmod -R a+rX.",
    level: "required",
    check: readable,
  },
  {
    name: "world-writable",
    rule: "No file or folder outside of /tmp that everyone may write",
    why: "The root is read-only on Lambda, and elsewhere any process could change the function.",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/images-create.html",
    cure: "Take the right away: RUN chmod -R o-w PATH.",
    level: "required",
    check: worldWritable,
  },
  {
    name: "hard-links",
    rule: "No hard links in the layers of the function, and none to another layer",
    why: "Lambda was reported to refuse such layers with UnsupportedImageLayerDetected.",
    source: "https://github.com/opencontainers/image-spec/blob/main/layer.md#hardlinks",
    cure: "Copy the files (cp without --link), or make symbolic links.",
    level: "required",
    check: hardLinks,
  },
  {
    name: "symbol-versions",
    rule: "The system's libraries define every symbol version that a program asks for",
    why: "The program ends at once: version `GLIBC_…' not found.",
    source: "https://refspecs.linuxbase.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/symversion.html",
    cure: "Choose an older base for the part that is too new: --base node=…",
    level: "required",
    check: symbolVersions,
  },
  {
    name: "no-secrets",
    rule: "No keys or tokens in files of any layer",
    why: "Whoever may pull the image has them, also those that a later layer removes.",
    source:
      "https://github.com/secretlint/secretlint/tree/master/packages/@secretlint/secretlint-rule-preset-recommend",
    cure: "Revoke it. Give it to a build by RUN --mount=type=secret, to the function by Secrets Manager. What is no secret is named in mkimage.json: functions.NAME.notSecret.",
    level: "required",
    check: secretFiles,
  },
];
