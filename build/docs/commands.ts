import { COMMANDS, commandsOf } from "../commands/index.ts";
import { makeCli } from "../commands/parser.ts";
import { GENERATED } from "./generated.ts";

const helpOf = async (command: string[]): Promise<string> =>
  (await makeCli(command, async () => {})).getHelp();

const fenced = (text: string): string => `\`\`\`text\n${text.trimEnd()}\n\`\`\``;

/** Every command with what its --help says. */
export async function commandReference(): Promise<string> {
  const paths = COMMANDS.flatMap((each) => {
    const [name] = each.command.split(" ") as [string];
    return [[name], ...commandsOf(each).map((each) => [name, each.command.split(" ")[0] as string])];
  });
  const sections = paths.map(async (path) => `## mkimage ${path.join(" ")}\n\n${fenced(await helpOf(path))}`);
  return [
    GENERATED,
    "# Commands",
    fenced(await helpOf([])),
    "Options that choose what a command works on may also come from the environment: `MKIMAGE_OS=alpine,debian` is " +
      "`--os alpine,debian`. A flag replaces it.",
    ...(await Promise.all(sections)),
  ].join("\n\n");
}
