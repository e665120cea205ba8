#!/usr/bin/env node
import { hideBin } from "yargs/helpers";
import { fileFault } from "./cache/disk.ts";
import { useProxies } from "./clients/proxy.ts";
import { makeCli } from "./commands/parser.ts";
import { dropEmptyVariables } from "./environment.ts";
import { EXIT, UserError } from "./errors.ts";
import { say } from "./output.ts";
import { sweep } from "./sweep.ts";

/** Prints an error as people read it, and says with which code to exit. */
function report(thrown: unknown): number {
  const error = fileFault(thrown);
  if (error instanceof UserError) {
    say(`mkimage: ${error.message}`);
    if (error.hint) say(error.hint);
    return error.exitCode;
  }
  say(`mkimage: this is a bug, please report it\n${error instanceof Error ? error.stack : String(error)}`);
  return EXIT.check;
}

async function main(): Promise<number> {
  dropEmptyVariables();
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
    await makeCli(hideBin(process.argv), async ({ handler }, args) => {
      useProxies();
      await sweep();
      return handler(args as never, { signal: controller.signal });
    }).parseAsync();
    return 0;
  } catch (error) {
    if (!controller.signal.aborted) return report(error);
    say("mkimage: interrupted; nothing was changed");
    return EXIT.interrupted;
  }
}

process.exit(await main());
