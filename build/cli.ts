#!/usr/bin/env node
import { hideBin } from "yargs/helpers";
import { withoutUrlSecrets } from "../models/public-url.ts";
import { dropEmptyVariables } from "./command-line/environment.ts";
import { makeCli } from "./commands/parser.ts";
import type { ScreenOptions } from "./display/screen.ts";
import { EXIT, UserError } from "./errors.ts";
import { hasPrinted, print, printJson, say, sayCommand } from "./output.ts";

/** An error as a script reads it. */
const errorFacts = (error: unknown) => ({
  message: withoutUrlSecrets(error instanceof Error ? error.message : String(error)),
  ...(error instanceof UserError && error.hint && { hint: withoutUrlSecrets(error.hint) }),
  exitCode: error instanceof UserError ? error.exitCode : EXIT.check,
});

/** Prints an error as people read it, and says with which code to exit. */
async function report(thrown: unknown): Promise<number> {
  const { fileFault } = await import("./cache/disk.ts");
  const error = fileFault(thrown);
  const { annotation, inGithub } = await import("./display/github.ts");
  if (inGithub()) sayCommand(annotation((error as Error).message ?? String(error)));
  if (process.argv.includes("--json") && !hasPrinted()) printJson({ error: errorFacts(error) });
  if (error instanceof UserError) {
    say(`mkimage: ${error.message}`);
    if (error.hint) say(error.hint);
    return error.exitCode;
  }
  say(`mkimage: this is a bug, please report it\n${error instanceof Error ? error.stack : String(error)}`);
  return EXIT.check;
}

/** Whether the command line is `--version --verbose` and nothing else. */
const asksVersions = (argv: readonly string[]): boolean =>
  argv.length === 2 && argv.includes("--version") && argv.includes("--verbose");

async function main(): Promise<number> {
  dropEmptyVariables();
  if (asksVersions(hideBin(process.argv))) {
    const { versions } = await import("./command-line/versions.ts");
    print(await versions());
    return 0;
  }
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    // Not `once`: execa re-sends a signal that has no other listener left, which would end this process at once.
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(EXIT.interrupted);
      say("mkimage: stopping …");
      controller.abort(new Error(name));
    });
  }
  try {
    const cli = await makeCli(hideBin(process.argv), async ({ load }, args) => {
      const [{ useProxies }, { sweep }, { screen }, { handler }] = await Promise.all([
        import("./clients/proxy.ts"),
        import("./sweep.ts"),
        import("./display/screen.ts"),
        load(),
      ]);
      useProxies();
      await sweep();
      screen.open(args as ScreenOptions);
      try {
        await handler(args as never, { signal: controller.signal });
      } catch (error) {
        if (controller.signal.aborted) screen.stop();
        else screen.fail();
        throw error;
      } finally {
        screen.close();
      }
    });
    await cli.parseAsync();
    return 0;
  } catch (error) {
    if (!controller.signal.aborted) return report(error);
    say("mkimage: interrupted");
    return EXIT.interrupted;
  }
}

process.exit(await main());
