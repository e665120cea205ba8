import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { COMMANDS, commandsOf } from "../../build/commands/index.ts";
import { TOOL_ROOT } from "../../build/tool-root.ts";

const nameOf = (command: string) => command.split(" ")[0] as string;
const LINES = COMMANDS.flatMap((each) => {
  const inside = commandsOf(each).map(({ command }) => [nameOf(each.command), nameOf(command)]);
  return inside.length > 0 ? inside : [[nameOf(each.command)]];
});

test.each(LINES.map((words) => words.join(" ")))("the compiled tool loads `mkimage %s`", async (line) => {
  const cli = join(TOOL_ROOT, "dist/build/cli.js");
  const { stdout } = await execa(process.execPath, [cli, ...line.split(" "), "--help"]);
  expect(stdout).toContain(`mkimage ${line}`);
});
