import type { Argv } from "yargs";
import type { Run } from "../command-line/options.ts";
import * as build from "./build.ts";
import * as doctor from "./doctor.ts";
import * as inspect from "./inspect.ts";
import * as invoke from "./invoke.ts";
import * as lock from "./lock.ts";
import * as models from "./models/index.ts";
import * as push from "./push.ts";
import * as test from "./test.ts";

export interface CommandModule {
  readonly command: string;
  readonly describe: string;
  readonly builder: (yargs: Argv) => Argv<never>;
  readonly handler: (args: never, run: Run) => Promise<void>;
  /** The commands of a group, in place of a handler: `models add`. */
  readonly commands?: readonly CommandModule[];
}

/** The commands in the order of a model's way to the cloud. */
export const COMMANDS = [
  build,
  test,
  push,
  invoke,
  inspect,
  models,
  lock,
  doctor,
] as unknown as readonly CommandModule[];
