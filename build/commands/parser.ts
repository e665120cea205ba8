import yargs, { type Argv } from "yargs";
import { nearest } from "../../models/nearest.ts";
import { checkArguments, type OptionKinds } from "../command-line/arguments.ts";
import { valuesFor } from "../command-line/completion.ts";
import { UserError } from "../errors.ts";
import { unknownName } from "../known-names.ts";
import { TOOL_VERSION } from "../tool-root.ts";
import { COMMANDS, type Command, type CommandGroup, type CommandModule, commandsOf } from "./index.ts";

/** What a shell's script asks with; the words of the command line come after it. */
const COMPLETE = "--get-yargs-completions";

/** The command line interface, with the options of the command that `argv` names; `run` calls its handler. */
export async function makeCli(
  argv: readonly string[],
  run: (command: Command, args: unknown) => Promise<void>,
): Promise<Argv> {
  const modules = await loadNamed(argv);
  const cli = yargs([...argv])
    .scriptName("mkimage")
    .usage("$0 <command>\n\nOne command turns a Hugging Face or ONNX model into AWS Lambda container images.")
    .detectLocale(false)
    .strict()
    .demandCommand(1, "Give a command.")
    .help()
    .alias("help", "h")
    .version(
      "version",
      "Show version number; with --verbose also those of Docker and its builder",
      TOOL_VERSION,
    )
    .wrap(110)
    .example("$0 build --arch arm64 --os alpine", "build one image")
    .example("$0 test", "test every image that was built")
    .epilogue(
      "Exit codes: 0 done, 1 a check failed, 2 bad usage or configuration, 3 the environment lacks something.",
    )
    .parserConfiguration({ "greedy-arrays": false, "dot-notation": false })
    .exitProcess(false)
    // Not shown: the scripts of the command completion ask by it.
    .completion("get-completions", false, complete(argv))
    .fail((message: string | null, error: Error | undefined) => {
      // Of the mistakes in a command line, yargs gives some as errors of its own kind and others as a text.
      if (error && error.name !== "YError") throw error;
      throw usageError(message ?? error?.message ?? "", argv, cli);
    });
  addCommands(cli, COMMANDS, {
    modules,
    async run(command, args) {
      checkArguments(argv, args, kindsOf(cli, command));
      try {
        await run(command, args);
      } catch (error) {
        // Only now: what it imports (the schemas) takes longer to load than the rest of --help.
        const { nameVariables } = await import("../command-line/options.ts");
        throw nameVariables(error, argv, process.env);
      }
    },
  });
  return cli;
}

type Done = (completions: readonly string[]) => void;
type Usual = (done: (error: Error | null, found?: readonly string[]) => void) => void;

/** Completes the word at the end of the command line; @types/yargs has no type for the form with what yargs would say. */
function complete(argv: readonly string[]): never {
  const words = argv.slice(argv.indexOf(COMPLETE) + 1);
  const [before = "", current = ""] = words.slice(-2);
  const group = COMMANDS.find((each) => nameOf(each) === before);
  const known = valuesFor(words) ?? (group && "commands" in group ? group.commands.map(nameOf) : undefined);
  const answer = (_current: string, _args: unknown, usual: Usual, done: Done) =>
    known
      ? done(known.filter((each) => each.startsWith(current)))
      : usual((_error, found = []) => done(found.map((each) => each.split(":")[0] as string)));
  return answer as never;
}

type Modules = ReadonlyMap<Command, CommandModule>;

/** The files of the commands that the command line may mean: yargs wants their options before it has read it. */
async function loadNamed(argv: readonly string[]): Promise<Modules> {
  const named = COMMANDS.flatMap((each) => ("commands" in each ? each.commands : each)).filter((each) =>
    argv.includes(nameOf(each)),
  );
  return new Map(await Promise.all(named.map(async (each) => [each, await each.load()] as const)));
}

interface AddOptions {
  readonly modules: Modules;
  readonly run: (command: Command, args: Readonly<Record<string, unknown>>) => Promise<void>;
}

function addCommands(cli: Argv, commands: readonly (Command | CommandGroup)[], options: AddOptions): void {
  for (const each of commands) {
    const { command, describe } = each;
    if ("commands" in each) {
      const names = each.commands.map(nameOf).join(", ");
      const build = (yargs: Argv) => {
        addCommands(yargs, each.commands, options);
        return yargs.demandCommand(1, `Give a command: ${names}.`);
      };
      cli.command(command, describe, build, () => {});
    } else {
      // yargs reads a positional as an option's value: with one to read, `-` is a value like others.
      const build = (yargs: Argv): Argv =>
        positionalsOf(each).reduce<Argv>(
          (all, name) => all.nargs(name, 1),
          options.modules.get(each)?.builder(yargs) ?? yargs,
        );
      cli.command(command, describe, build, (args) => options.run(each, args));
    }
  }
}

const nameOf = ({ command }: Pick<Command, "command">): string => command.split(" ")[0] as string;

/** The command or group that the command line names, and the command of that group; empty where it names none. */
function namedIn(argv: readonly string[]): readonly (Command | CommandGroup)[] {
  const find = <T extends Command | CommandGroup>(among: readonly T[]): T | undefined =>
    argv.map((word) => among.find((each) => nameOf(each) === word)).find(Boolean);
  const first = find(COMMANDS);
  const second = first && "commands" in first ? find(first.commands) : undefined;
  return [first, second].filter((each) => each !== undefined);
}

function seeHelp(argv: readonly string[]): string {
  const named = namedIn(argv).map(nameOf);
  return named.length > 0
    ? `See mkimage ${named.join(" ")} --help`
    : "See mkimage --help, or mkimage <command> --help";
}

/** The error for a value or argument that is missing or unknown, of which yargs tells in a text of its own. */
function valueError(message: string, argv: readonly string[]): UserError {
  const hint = seeHelp(argv);
  const [, option] = /^Not enough arguments following: (\S+)/.exec(message) ?? [];
  if (option) return new UserError(`--${option} needs a value`, { hint });
  if (message.startsWith("Not enough non-option arguments")) {
    const words = namedIn(argv).map(({ command }, index, { length }) =>
      index < length - 1 ? command.split(" ")[0] : command,
    );
    return new UserError(`An argument is missing: mkimage ${words.join(" ")}`, { hint });
  }
  const [, name, given] = /^ {2}Argument: ([\w-]+), Given: "([^"]*)"/m.exec(message) ?? [];
  const [known] = message.split(", Choices: ")[1]?.split("\n") ?? [];
  if (name && given !== undefined && known) return unknownName(name, given, known.slice(1, -1).split('", "'));
  return new UserError(message, { hint });
}

/** The error for a mistake in the command line, with the nearest known command or option. */
function usageError(message: string, argv: readonly string[], parser: Argv): UserError {
  const [, unknown] = /^Unknown (?:argument|command)s?: ([^\s,]+)/.exec(message) ?? [];
  if (!unknown) return valueError(message, argv);
  const [first = ""] = argv;
  // Of a command that is not known, no option is known either: the command is what is wrong.
  const word = first.startsWith("-") || COMMANDS.some((module) => nameOf(module) === first) ? unknown : first;
  const group = COMMANDS.find((each) => "commands" in each && argv.includes(nameOf(each)));
  const commands = (word === first || !group ? COMMANDS : commandsOf(group)).map(nameOf);
  const isOption = argv.some((each) => [`--${word}`, `--no-${word}`].includes(each.split("=")[0] as string));
  const given = isOption ? `--${word}` : word;
  const near = nearest(given, isOption ? optionsOf(parser) : commands);
  const isArgument = word !== first && argv.some((each) => commands.includes(each));
  const kind = isOption ? "option" : isArgument ? "argument" : "command";
  return new UserError(`Unknown ${kind} "${given}"`, {
    hint: near ? `Did you mean "${near}"?` : seeHelp(argv),
  });
}

type YargsOptions = Record<"string" | "array" | "boolean" | "number", string[]> & {
  key: Record<string, unknown>;
};

/** What yargs knows of the options of the command at hand; it has the method but not its type. */
const yargsOptions = (parser: Argv) => (parser as unknown as { getOptions(): YargsOptions }).getOptions();

const optionsOf = (parser: Argv): string[] =>
  Object.keys(yargsOptions(parser).key).map((name) => `--${name}`);

const positionalsOf = ({ command }: Command): string[] =>
  [...command.matchAll(/[<[](\w+)[>\]]/g)].map(([, name]) => name as string);

const kindsOf = (parser: Argv, command: Command): OptionKinds => ({
  ...yargsOptions(parser),
  positional: positionalsOf(command),
});
