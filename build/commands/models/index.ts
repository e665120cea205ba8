import type { Argv } from "yargs";
import * as add from "./add.ts";
import * as list from "./list.ts";
import * as prune from "./prune.ts";
import * as show from "./show.ts";
import * as verify from "./verify.ts";

export const command = "models";
export const describe = "Add, list, show and verify models; prune the cache";
export const commands = [add, list, show, verify, prune];

export const builder = (yargs: Argv) => yargs;
