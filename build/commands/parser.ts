import yargs, { type Argv } from "yargs";
import { checkArguments, type OptionKinds } from "../command-line/arguments.ts";
import { UserError } from "../errors.ts";
import { nearest } from "../nearest.ts";
import { TOOL_VERSION } from "../tool-root.ts";
import { COMMANDS, type CommandModule } from "./index.ts";

const SEE_HELP = "See mkimage --help, or mkimage <command> --help";

/** The command line interface; `run` calls the handler of the chosen command. */
export function makeCli(
  argv: readonly string[],
  run: (module: CommandModule, args: unknown) => Promise<void>,
): Argv {
  const cli = yargs([...argv])
    .scriptName("mkimage")
    .usage("$0 <command>\n\nOne command turns a Hugging Face or ONNX model into AWS Lambda container images.")
    .detectLocale(false)
    .strict()
    .demandCommand(1, "Give a command.")
    .help()
    .alias("help", "h")
    .version(TOOL_VERSION)
    .wrap(110)
    .example("$0 build --arch arm64 --os alpine", "build one image")
    .example("$0 test", "test every image that was built")
    .epilogue(
      "Exit codes: 0 done, 1 a check failed, 2 bad usage or configuration, 3 the environment lacks something.",
    )
    .parserConfiguration({ "greedy-arrays": false, "dot-notation": false })
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      // Of the mistakes in a command line, yargs gives some as errors of its own kind and others as a text.
      if (error && error.name !== "YError") throw error;
      throw usageError(message ?? error?.message ?? "", argv, cli);
    });
  addCommands(cli, COMMANDS, async (module, args) => {
    checkArguments(argv, args, kindsOf(cli, module));
    await run(module, args);
  });
  return cli;
}

function addCommands(
  cli: Argv,
  modules: readonly CommandModule[],
  run: (module: CommandModule, args: Readonly<Record<string, unknown>>) => Promise<void>,
): void {
  for (const module of modules) {
    const { command, describe, builder, commands } = module;
    const build = (yargs: Argv): Argv => {
      // yargs reads a positional as an option's value: with one to read, `-` is a value like others.
      if (!commands)
        return positionalsOf(module).reduce<Argv>((all, name) => all.nargs(name, 1), builder(yargs));
      addCommands(yargs, commands, run);
      return builder(yargs).demandCommand(1, `Give a command: ${commands.map(nameOf).join(", ")}.`);
    };
    cli.command(command, describe, build, commands ? () => {} : (args) => run(module, args));
  }
}

const nameOf = ({ command }: CommandModule): string => command.split(" ")[0] as string;

/** The error for a mistake in the command line, with the nearest known command or option. */
function usageError(message: string, argv: readonly string[], parser: Argv): UserError {
  const [, unknown] = /^Unknown (?:argument|command)s?: ([^\s,]+)/.exec(message) ?? [];
  if (!unknown) return new UserError(message, { hint: SEE_HELP });
  const [first = ""] = argv;
  // Of a command that is not known, no option is known either: the command is what is wrong.
  const word = first.startsWith("-") || COMMANDS.some((module) => nameOf(module) === first) ? unknown : first;
  const group = COMMANDS.find((module) => module.commands && argv.includes(nameOf(module)))?.commands;
  const commands = (word === first ? COMMANDS : (group ?? COMMANDS)).map(nameOf);
  const isOption = argv.some((each) => [`--${word}`, `--no-${word}`].includes(each.split("=")[0] as string));
  const given = isOption ? `--${word}` : word;
  const near = nearest(given, isOption ? optionsOf(parser) : commands);
  const isArgument = word !== first && argv.some((each) => commands.includes(each));
  const kind = isOption ? "option" : isArgument ? "argument" : "command";
  return new UserError(`Unknown ${kind} "${given}"`, { hint: near ? `Did you mean "${near}"?` : SEE_HELP });
}

type YargsOptions = Record<"string" | "array" | "boolean", string[]> & { key: Record<string, unknown> };

/** What yargs knows of the options of the command at hand; it has the method but not its type. */
const yargsOptions = (parser: Argv) => (parser as unknown as { getOptions(): YargsOptions }).getOptions();

const optionsOf = (parser: Argv): string[] =>
  Object.keys(yargsOptions(parser).key).map((name) => `--${name}`);

const positionalsOf = ({ command }: CommandModule): string[] =>
  [...command.matchAll(/[<[](\w+)[>\]]/g)].map(([, name]) => name as string);

const kindsOf = (parser: Argv, module: CommandModule): OptionKinds => ({
  ...yargsOptions(parser),
  positional: positionalsOf(module),
});
