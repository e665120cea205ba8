import { describe, expect, test, vi } from "vitest";
import { COMMANDS, commandsOf } from "../../../../build/commands/index.ts";
import { makeCli } from "../../../../build/commands/parser.ts";
import { refusal } from "../../../support/refusal.ts";

/** The command that a command line chooses, and its options. */
async function parse(...argv: string[]): Promise<{ command: string; args: Record<string, unknown> }> {
  const chosen: { command: string; args: Record<string, unknown> }[] = [];
  const cli = await makeCli(argv, async ({ command }, args) => {
    chosen.push({ command, args: args as Record<string, unknown> });
  });
  await cli.parseAsync();
  if (chosen.length !== 1 || !chosen[0]) throw new Error(`${chosen.length} commands were run`);
  return chosen[0];
}

describe("a command line", () => {
  test("chooses one command and its options", async () => {
    const { command, args } = await parse("build", "--arch", "arm64", "--os", "alpine", "--no-rie");
    expect(command).toBe("build");
    expect(args).toMatchObject({
      arch: ["arm64"],
      os: ["alpine"],
      rie: false,
      json: false,
      print: false,
      cache: true,
    });
  });

  test("gives lists by commas, by repetition, or both", async () => {
    expect((await parse("build", "--os", "alpine,debian", "--os", "ubuntu")).args["os"]).toEqual([
      "alpine",
      "debian",
      "ubuntu",
    ]);
    expect((await parse("build", "--os", "alpine", "--arch=arm64,")).args).toMatchObject({
      os: ["alpine"],
      arch: ["arm64"],
    });
  });

  test("gives lists of known words by commas", async () => {
    const { args } = await parse("bench", "--snap-start", "on,off", "--baseline", "python,session");
    expect(args).toMatchObject({ snapStart: ["on", "off"], baseline: ["python", "session"] });
  });

  test("does not take the event for a value of a list", async () => {
    const { args } = await parse("invoke", "--arch", "arm64", "--os", "alpine", '{"inputs":"x"}');
    expect(args).toMatchObject({ os: ["alpine"], input: '{"inputs":"x"}' });
  });

  test("keeps versions and names that look like numbers as text", async () => {
    expect((await parse("build", "--image-version", "1.10", "--function", "7")).args).toMatchObject({
      imageVersion: "1.10",
      function: "7",
    });
  });

  test.each(["-", "5", "1.0", "1e3", "0x10", "-5", "null", "true", "[1]", " ", "@5"])(
    "takes the argument %j for the text that it is",
    async (text) => {
      expect((await parse("invoke", text)).args["input"]).toBe(text);
      expect((await parse("invoke", "--json", "--os", "alpine", text)).args["input"]).toBe(text);
      expect((await parse("models", "show", text)).args["name"]).toBe(text);
      expect((await parse("models", "verify", text)).args["name"]).toBe(text);
      expect((await parse("models", "add", text, "--task", text)).args).toMatchObject({
        source: text,
        task: text,
      });
      expect((await parse("build", "--model", text)).args["model"]).toBe(text);
      expect((await parse("build", `--repository=${text}`)).args["repository"]).toBe(text);
      expect((await parse("build", `--os=${text}`)).args["os"]).toEqual([text]);
      expect((await parse("models", "prune", "--days", text)).args["days"]).toBe(text);
    },
  );

  test("without an option leaves it to the configuration", async () => {
    const { args } = await parse("build");
    for (const name of [
      "os",
      "arch",
      "quantization",
      "base",
      "rie",
      "repository",
      "imageVersion",
      "config",
    ]) {
      expect(args[name]).toBeUndefined();
    }
  });
});

describe("the environment", () => {
  test("gives options, and flags replace them", async () => {
    vi.stubEnv("MKIMAGE_OS", "alpine,debian");
    vi.stubEnv("MKIMAGE_IMAGE_VERSION", "2.10");
    expect((await parse("build")).args).toMatchObject({ os: ["alpine", "debian"], imageVersion: "2.10" });
    expect((await parse("build", "--os", "ubuntu")).args).toMatchObject({
      os: ["ubuntu"],
      imageVersion: "2.10",
    });
  });

  test.each(["MKIMAGE_CACHE", "MKIMAGE_PRINT", "MKIMAGE_ANYTHING"])("%s is not an option", async (name) => {
    vi.stubEnv(name, "/somewhere");
    for (const { command } of COMMANDS.filter((each) => commandsOf(each).length === 0)) {
      const required = command.split(" ").filter((word) => !word.startsWith("["));
      const { args } = await parse(...required);
      expect(args).not.toHaveProperty("anything");
      expect([undefined, true]).toContain(args["cache"]);
      expect([undefined, false]).toContain(args["print"]);
    }
  });

  test("an empty variable says nothing", async () => {
    vi.stubEnv("MKIMAGE_OS", "");
    expect((await parse("build")).args["os"]).toBeUndefined();
  });

  test("does not change the language of messages", async () => {
    vi.stubEnv("LC_ALL", "de_DE.UTF-8");
    expect((await refusal(() => parse("biuld"))).message).toBe('Unknown command "biuld"');
  });
});

describe("bad usage ends with exit code 2", () => {
  test.each([
    { line: "", message: "Give a command.", hint: "See mkimage --help" },
    { line: "biuld", message: 'Unknown command "biuld"', hint: 'Did you mean "build"?' },
    {
      line: "biuld --arch amd64 --os debian",
      message: 'Unknown command "biuld"',
      hint: 'Did you mean "build"?',
    },
    { line: "biuld test", message: 'Unknown command "biuld"', hint: 'Did you mean "build"?' },
    { line: "frobnicate", message: 'Unknown command "frobnicate"', hint: "See mkimage --help" },
    { line: "build --arhc arm64", message: 'Unknown option "--arhc"', hint: 'Did you mean "--arch"?' },
    {
      line: "build --imageversion=3",
      message: 'Unknown option "--imageversion"',
      hint: 'Did you mean "--image-version"?',
    },
    { line: "build --no-rei", message: 'Unknown option "--rei"', hint: 'Did you mean "--rie"?' },
    { line: "build alpine", message: 'Unknown argument "alpine"', hint: "See mkimage build --help" },
    {
      line: "build --frobnicate",
      message: 'Unknown option "--frobnicate"',
      hint: "See mkimage build --help",
    },
    { line: "build --os", message: "--os needs a value", hint: "See mkimage build --help" },
    { line: "build --os --print", message: "--os needs a value", hint: "See mkimage build --help" },
    { line: "ci", message: "An argument is missing: mkimage ci <system>", hint: "See mkimage ci --help" },
    {
      line: "models add --task fill-mask",
      message: "An argument is missing: mkimage models add <source>",
      hint: "See mkimage models add --help",
    },
    {
      line: "report --format jsn",
      message: 'Unknown format "jsn"',
      hint: 'Did you mean "json"? Known: html, json, csv, md, power-tuning.',
    },
    {
      line: "bench --snap-start on,of",
      message: 'Unknown snap-start "of"',
      hint: "Known: on, off.",
    },
    { line: "build --model=", message: "--model is empty", hint: "Give it a value, or leave it out." },
    { line: "build --os=,", message: "--os is empty", hint: "Give it a value, or leave it out." },
    { line: "models prune --days=", message: "--days is empty", hint: "Give it a value, or leave it out." },
    { line: "build --model a --model b", message: "--model is given 2 times: a, b", hint: "Give it once." },
    {
      line: "build --no-model",
      message: 'Unknown option "--no-model"',
      hint: "--model takes a value; leave it out for none.",
    },
    { line: "build --model.x 5", message: 'Unknown option "--model.x"', hint: 'Did you mean "--model"?' },
    { line: "build --rie=5", message: '--rie: "5" is not valid', hint: "Write --rie or --no-rie." },
    {
      line: "build -- x",
      message: 'No arguments are accepted after "--"',
      hint: "Write arguments and options without it.",
    },
  ])("mkimage $line: $message", async ({ line, message, hint }) => {
    const error = await refusal(() => parse(...line.split(" ").filter(Boolean)));
    expect(error).toMatchObject({ exitCode: 2, message });
    expect(error.hint).toContain(hint);
  });
});

test("an error of a command comes through as it is", async () => {
  const bug = new TypeError("x is not a function");
  const cli = await makeCli(["build"], () => Promise.reject(bug));
  await expect(cli.parseAsync()).rejects.toBe(bug);
});

test.each(COMMANDS.filter((each) => commandsOf(each).length === 0))(
  "the help of $command says what it does, its options and an example",
  async ({ command, describe: about }) => {
    const [name = ""] = command.split(" ");
    const help = await (await makeCli([name], async () => {})).getHelp();
    expect(help).toContain(`mkimage ${command}`);
    expect(help).toContain(about);
    expect(help).toContain("Examples:");
    expect(help).toContain(`  mkimage ${name}`);
    // A script for a shell is no data.
    if (name !== "completion") expect(help).toContain("--json");
  },
);

test.each(COMMANDS.flatMap((group) => commandsOf(group).map((each) => ({ ...each, group: group.command }))))(
  "the help of $group $command says what it does, its options and an example",
  async ({ group, command, describe: about }) => {
    const [name = ""] = command.split(" ");
    const help = await (await makeCli([group, name], async () => {})).getHelp();
    for (const part of [
      `mkimage ${group} ${command}`,
      about,
      "Examples:",
      `  mkimage ${group} ${name}`,
      "--json",
    ]) {
      expect(help).toContain(part);
    }
  },
);

describe("a group of commands", () => {
  test("chooses the command in it", async () => {
    const { command, args } = await parse("models", "show", "minilm", "--json");
    expect(command).toBe("show <name>");
    expect(args).toMatchObject({ name: "minilm", json: true });
  });

  test("alone names its commands", async () => {
    expect(await refusal(() => parse("models"))).toMatchObject({
      exitCode: 2,
      message: "Give a command: add, list, show, fetch, verify, prune.",
    });
  });

  test("says the nearest one for a command that it does not have", async () => {
    expect(await refusal(() => parse("models", "lst"))).toMatchObject({
      message: 'Unknown command "lst"',
      hint: 'Did you mean "list"?',
    });
  });
});
