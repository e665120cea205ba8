import { readFileSync } from "node:fs";
import { join } from "node:path";
import yargs, { type Argv } from "yargs";
import { COMMANDS, type CommandModule } from "./commands/index.ts";
import { UserError } from "./errors.ts";
import { nearest } from "./nearest.ts";
import { TOOL_ROOT } from "./project.ts";

const { version } = JSON.parse(readFileSync(join(TOOL_ROOT, "package.json"), "utf8")) as { version: string };

/** The command line interface; `run` calls the handler of the chosen command. */
export function makeCli(argv: readonly string[], run: (module: CommandModule, args: unknown) => Promise<void>): Argv {
  const cli = yargs([...argv])
    .scriptName("mkimage")
    .usage("$0 <command>\n\nOne command turns a Hugging Face or ONNX model into AWS Lambda container images.")
    .strict()
    .demandCommand(1, "Give a command.")
    .recommendCommands()
    .help()
    .alias("help", "h")
    .version(version)
    .wrap(110)
    .example("$0 build --arch arm64 --os alpine", "build one image")
    .example("$0 test", "test every image that was built")
    .epilogue("Exit codes: 0 done, 1 a check failed, 2 bad usage or configuration, 3 the environment lacks something.")
    .parserConfiguration({ "greedy-arrays": false })
    .exitProcess(false)
    .fail((message: string | null, error?: Error) => {
      if (error && error.name !== "YError") throw error;
      const text = message ?? error?.message ?? "";
      throw new UserError(text, { hint: unknownHint(text) ?? "See mkimage --help, or mkimage <command> --help" });
    });
  for (const module of COMMANDS) {
    const { command, describe, builder } = module;
    cli.command(command, describe, builder as (yargs: Argv) => Argv, (args) => run(module, args));
  }
  return cli;
}

/** For an unknown command, the nearest one. */
function unknownHint(message: string): string | undefined {
  const [, word] = /^Unknown (?:argument|command)s?: (\S+)/.exec(message) ?? [];
  if (!word) return undefined;
  const known = COMMANDS.map(({ command }) => command.split(" ")[0] as string);
  const near = nearest(word, known);
  return near ? `Did you mean "${near}"?` : undefined;
}
