import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import { startedAs } from "./mkimage.ts";

/** Keys as a terminal sends them. */
export const KEY = { enter: "\r", down: "\u001b[B", space: " ", interrupt: "\u0003" } as const;

export interface Terminal {
  /** Waits until the screen has shown a text since the last keys; then presses keys. */
  answer(question: string, ...keys: string[]): Promise<void>;
  /** Exit code and all that was shown, without colours and movements. */
  readonly ended: Promise<{ readonly exitCode: number | undefined; readonly screen: string }>;
}

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

/** The command line of the sources on a terminal of its own, which `script` of util-linux makes. */
export function mkimageOnTerminal(
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
): Terminal {
  // The terminal has no size until it is given one.
  const command = `stty cols 120 rows 40; exec ${startedAs(args).map(quoted).join(" ")}`;
  const child = execa("script", ["--quiet", "--return", "--flush", "--command", command, "/dev/null"], {
    cwd,
    env: { TERM: "xterm", CI: "", ...env },
    stdin: "pipe",
    reject: false,
    timeout: 30_000,
  });
  let shown = "";
  let seen = 0;
  let wake = () => {};
  child.stdout.on("data", (chunk) => {
    shown += chunk;
    wake();
  });
  const screen = () => stripVTControlCharacters(shown).replaceAll("\r\n", "\n");
  const ended = child.then(({ exitCode }) => ({ exitCode, screen: screen() }));
  return {
    ended,
    async answer(question, ...keys) {
      const over = ended.then(() => Promise.reject(new Error(`"${question}" was not shown:\n${screen()}`)));
      over.catch(() => {});
      while (!screen().slice(seen).includes(question))
        await Promise.race([over, new Promise<void>((done) => (wake = done))]);
      seen = screen().length;
      for (const key of keys) child.stdin.write(key);
    },
  };
}
