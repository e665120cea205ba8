import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";

const MODULE = join(import.meta.dirname, "../../../../runtime/lambda/native-log.ts");

/** What stderr leads to in a program, as the shell arranges it; execa's own are sockets. */
const STDERR = { pipe: "2>&1 | cat", file: '2> "$FOLDER/stderr"; cat "$FOLDER/stderr"', socket: "" };

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "mkimage-native-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

interface Options {
  readonly needed?: boolean;
  readonly to?: keyof typeof STDERR;
  readonly folder?: string;
}

/** Loads something in a process of its own, by the code `load`, and gives what was then on stderr. */
async function load(code: string, { needed = true, to = "pipe", folder }: Options = {}) {
  const FOLDER = folder ?? (await temporaryFolder());
  const program = `
    import { readdirSync, writeSync } from "node:fs";
    const { loadQuietly } = await import(${JSON.stringify(MODULE)});
    const descriptors = () => readdirSync("/proc/self/fd").length;
    const before = descriptors();
    let thrown = "";
    try {
      loadQuietly(() => { ${code} }, process.env.FOLDER + "/native.log", () => ${needed});
    } catch (error) {
      thrown = ", thrown: " + error.message;
    }
    writeSync(2, \`after, \${descriptors() - before} descriptors more\${thrown}\\n\`);`;
  const { stdout, stderr } = await execa(
    "sh",
    ["-c", `"$NODE" --input-type=module --eval "$PROGRAM" ${STDERR[to]}`],
    {
      env: { FOLDER, NODE: process.execPath, PROGRAM: program, AWS_LAMBDA_LOG_LEVEL: "DEBUG" },
      reject: false,
    },
  );
  const lines = `${stdout}${stderr}`.split("\n").filter((line) => !line.startsWith("Aborted"));
  return { lines, left: existsSync(join(FOLDER, "native.log")) };
}

const AFTER = "after, 0 descriptors more";
/** One for `process.stderr`, which the log opens. */
const AFTER_A_LINE = "after, 1 descriptors more";
const parsed = (line: string | undefined): unknown => JSON.parse(line ?? "");

test.each(["pipe", "file"] as const)(
  "what native code writes to a %s becomes one line in JSON",
  async (to) => {
    const { lines, left } = await load('writeSync(2, "Error in cpuinfo: a\\nError in cpuinfo: b\\n");', {
      to,
    });
    expect(lines).toEqual([expect.any(String), to === "pipe" ? AFTER_A_LINE : AFTER]);
    expect(parsed(lines[0])).toMatchObject({
      level: "DEBUG",
      text: "Error in cpuinfo: a\nError in cpuinfo: b\n",
    });
    expect(left).toBe(false);
  },
);

test("a socket cannot be opened again: nothing is loaded before it is used", async () => {
  const { lines } = await load('writeSync(2, "native\\n");', { to: "socket" });
  expect(lines).toEqual([AFTER]);
});

test("where nothing can be written, nothing is loaded before it is used", async () => {
  const { lines } = await load('writeSync(2, "native\\n");', { folder: "/nonexistent" });
  expect(lines).toEqual([AFTER]);
});

test("where nothing complains, nothing is loaded before it is used", async () => {
  const { lines } = await load('writeSync(2, "native\\n");', { needed: false });
  expect(lines).toEqual([AFTER]);
});

test("what is thrown is thrown, with stderr in its place", async () => {
  const { lines } = await load('writeSync(2, "native\\n"); throw new Error("not loaded");');
  expect(lines).toEqual([`${AFTER}, thrown: not loaded`]);
});

test("when the process dies of it, the next one logs its last words, once", async () => {
  const folder = await temporaryFolder();
  const dying = await load('writeSync(2, "terminate called\\n"); process.abort();', { folder });
  expect(dying.left).toBe(true);
  const { lines, left } = await load("", { folder });
  expect(lines.slice(1)).toEqual([AFTER_A_LINE]);
  expect(parsed(lines[0])).toMatchObject({
    level: "ERROR",
    message: "the process before this one ended while native code was loaded",
    text: expect.stringContaining("terminate called"),
  });
  expect(left).toBe(false);
  expect((await load("", { folder })).lines.map((line) => line.includes("terminate"))).not.toContain(true);
});
