import type { Argv } from "yargs";
import type { Run } from "../command-line/options.ts";

/** What a command's file exports. */
export interface CommandModule {
  readonly builder: (yargs: Argv) => Argv<never>;
  readonly handler: (args: never, run: Run) => Promise<void>;
}

/** A command that runs; its file is loaded when it is chosen, since those of some load an SDK. */
export interface Command {
  readonly command: string;
  readonly describe: string;
  readonly load: () => Promise<CommandModule>;
}

/** Commands under one name: `models add`. */
export interface CommandGroup {
  readonly command: string;
  readonly describe: string;
  readonly commands: readonly Command[];
}

/** The commands in the order of a model's way to the cloud. */
export const COMMANDS = [
  {
    command: "init [source]",
    describe: "Write mkimage.json, models/NAME.json and the lock for a model",
    load: () => import("./init.ts"),
  },
  {
    command: "build",
    describe: "Build the images of mkimage.json into the engine's image store",
    load: () => import("./build.ts"),
  },
  {
    command: "test",
    describe: "Run built images under the runtime interface emulator and compare their answers",
    load: () => import("./test.ts"),
  },
  {
    command: "push",
    describe: "Push tested images to Amazon ECR and print their references by digest",
    load: () => import("./push.ts"),
  },
  {
    command: "deploy",
    describe: "Give pushed images to AWS Lambda: publish a version, check its answers, move the alias",
    load: () => import("./deploy.ts"),
  },
  {
    command: "release",
    describe: "Build, test, push and deploy in one run: every alias moves, or none",
    load: () => import("./release.ts"),
  },
  {
    command: "rollback",
    describe: "Give the alias back to the version that was live before, or take a canary back",
    load: () => import("./rollback.ts"),
  },
  {
    command: "status",
    describe: "Show what is live: state, versions of the alias, image, record, URL",
    load: () => import("./status.ts"),
  },
  {
    command: "logs",
    describe: "Print a function's log from CloudWatch, and follow it",
    load: () => import("./logs.ts"),
  },
  {
    command: "clean",
    describe: "Remove versions, and images, that no alias, canary or record names",
    load: () => import("./clean.ts"),
  },
  {
    command: "ci <system>",
    describe: "Print a workflow for GitHub Actions or GitLab that tests every image and releases on a tag",
    load: () => import("./ci.ts"),
  },
  {
    command: "up",
    describe: "Run images until Ctrl-C, each at an HTTP address of this machine, with a page for a browser",
    load: () => import("./up.ts"),
  },
  {
    command: "invoke [input]",
    describe: "Send one event to a built image under the runtime interface emulator",
    load: () => import("./invoke.ts"),
  },
  {
    command: "inspect",
    describe: "Show digest, size of each layer, base, Node, model and library check of built images",
    load: () => import("./inspect.ts"),
  },
  {
    command: "models",
    describe: "Add, list, show, fetch and verify models; prune the cache",
    commands: [
      {
        command: "add <source>",
        describe: "Write models/NAME.json for a model on the Hugging Face hub, and lock it",
        load: () => import("./models/add.ts"),
      },
      {
        command: "list",
        describe: "List the models of the project, with what lock and cache have of them",
        load: () => import("./models/list.ts"),
      },
      {
        command: "show <name>",
        describe: "Show one model: its spec in short, and each file with size, sha256 and source",
        load: () => import("./models/show.ts"),
      },
      {
        command: "fetch",
        describe: "Fetch the files of the functions' models into the cache, as a build does",
        load: () => import("./models/fetch.ts"),
      },
      {
        command: "verify [name]",
        describe: "Read every locked file in the cache again and compare it with the lock",
        load: () => import("./models/verify.ts"),
      },
      {
        command: "prune",
        describe: "Remove from the cache what no lock has used recently",
        load: () => import("./models/prune.ts"),
      },
    ],
  },
  {
    command: "report",
    describe:
      "Write one page of charts and tables from what was measured, or the same as JSON, CSV or Markdown",
    load: () => import("./report.ts"),
  },
  {
    command: "bench",
    describe: "Measure built images with Lambda's limits: cold starts by step, warm calls, memory, sizes",
    load: () => import("./bench.ts"),
  },
  {
    command: "recommend",
    describe:
      "Name the cheapest measured cell that keeps time and accuracy, and what each other one fails with",
    load: () => import("./recommend.ts"),
  },
  {
    command: "prices",
    describe: "Show and update the price table of AWS Lambda",
    commands: [
      {
        command: "show",
        describe: "Print the price table, with date and source of each row",
        load: () => import("./prices/show.ts"),
      },
      {
        command: "update",
        describe: "Fetch AWS's public price list and write the project's price table",
        load: () => import("./prices/update.ts"),
      },
    ],
  },
  {
    command: "lock",
    describe: "Write models/lock.json: commit, size and sha256 of every file of the models",
    load: () => import("./lock.ts"),
  },
  {
    command: "doctor",
    describe: "Check this machine, and print a command for each problem",
    load: () => import("./doctor.ts"),
  },
  {
    command: "completion [shell]",
    describe: "Print a script that completes commands, options and values in bash, zsh or fish",
    load: () => import("./completion.ts"),
  },
] as unknown as readonly (Command | CommandGroup)[];

/** The commands of a group; none for a command that runs. */
export const commandsOf = (command: Command | CommandGroup): readonly Command[] =>
  "commands" in command ? command.commands : [];
