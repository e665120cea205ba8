import { once } from "node:events";
import type Docker from "dockerode";
import type { Argv } from "yargs";
import { makeParts } from "../builder/parts.ts";
import { connectDocker, findImage } from "../clients/docker.ts";
import {
  frozenOption,
  type MatrixArgs,
  matrixOptions,
  outsideOption,
  type Run,
} from "../command-line/options.ts";
import { loadProject, prepareBuild, prepareBuilt } from "../command-line/prepare.ts";
import { packageSecrets } from "../command-line/run.ts";
import { loadConfig } from "../config/config.ts";
import { screen } from "../display/screen.ts";
import { buildToStore } from "../engine/store.ts";
import { outdated } from "../engine/stored-image.ts";
import { UserError } from "../errors.ts";
import { print, printJson, say } from "../output.ts";
import type { Image } from "../plan/image.ts";
import { watchSources } from "../up/changes.ts";
import { curlLine } from "../up/curl.ts";
import { type Served, serve } from "../up/serve.ts";

export const builder = (yargs: Argv) =>
  matrixOptions(yargs)
    .option("port", {
      number: true,
      requiresArg: true,
      description: "Port of the first image; the next ones count up [default: any that is free]",
    })
    .option("watch", {
      boolean: true,
      default: false,
      description: "Build and start again when a handler, a spec, mkimage.json or the runtime changes",
    })
    .option("frozen", frozenOption)
    .option("allow-outside", outsideOption)
    .example(
      "$0 up --os debian --arch arm64",
      "one image, until Ctrl-C; a browser gets a page at its address",
    )
    .example("$0 up --port 9000 --watch", "every image, and again after each change");

export interface UpArgs extends MatrixArgs {
  port?: number;
  watch: boolean;
  frozen?: boolean;
}

/** @throws UserError (exit 2) */
function checkPort(port: number | undefined): number {
  if (port === undefined) return 0;
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new UserError(`--port: ${port} is not valid`, { hint: "Give a number from 1 to 65535." });
}

async function buildImages(args: UpArgs, signal: AbortSignal): Promise<Image[]> {
  const run = { signal, secrets: packageSecrets() };
  const planned = await prepareBuild(await loadProject(args), { ...args, signal });
  const images = await makeParts(planned, run);
  await buildToStore(images, run);
  return images;
}

const isCurrent = async (docker: Docker, image: Image): Promise<boolean> => {
  const found = await findImage(docker, image.reference);
  return found !== undefined && outdated(image, found.labels) === undefined;
};

/** The images, built where the engine lacks one or has an older one. */
async function builtImages(args: UpArgs, docker: Docker, signal: AbortSignal): Promise<Image[]> {
  const images = await prepareBuilt(args, signal);
  const current = await Promise.all(images.map((image) => isCurrent(docker, image)));
  return current.every(Boolean) ? images : buildImages(args, signal);
}

function announce({ functions, urls }: Served, { json }: UpArgs): void {
  screen.rest();
  for (const { models, cells } of functions)
    for (const { url } of cells) say(curlLine(url, models[0]?.request));
  say("\nOpen an address in a browser for a page to ask all of them. Ctrl-C ends this.");
  if (json) printJson(Object.entries(urls).map(([name, url]) => ({ name, url })));
  else
    print(
      Object.entries(urls)
        .map(([name, url]) => `${name} ${url}`)
        .join("\n"),
    );
}

/** Builds again after each change, until a build succeeds; what is served meanwhile stays. */
async function nextImages(
  args: UpArgs,
  changed: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<Image[]> {
  for (;;) {
    await changed(signal);
    screen.again();
    say("\nThe sources have changed");
    try {
      return await buildImages(args, signal);
    } catch (error) {
      if (!(error instanceof UserError) || signal.aborted) throw error;
      say(
        `mkimage: ${error.message}${error.hint ? `\n${error.hint}` : ""}\nWhat ran before goes on; waiting for a change`,
      );
    }
  }
}

export async function handler(args: UpArgs, { signal }: Run): Promise<void> {
  const first = checkPort(args.port);
  const docker = await connectDocker();
  const changed = args.watch && (await watchSources(await loadConfig(args)));
  let images = await builtImages(args, docker, signal);
  const ports = new Map<string, number>();
  const portOf = (name: string, index: number) => ports.get(name) ?? (first && first + index);
  let isFirst = true;
  while (!signal.aborted) {
    const served = await serve(images, { docker, signal, portOf });
    for (const [name, url] of Object.entries(served.urls)) ports.set(name, Number(new URL(url).port));
    if (isFirst) announce(served, args);
    isFirst = false;
    try {
      if (changed) images = await nextImages(args, changed, signal);
      else await once(signal, "abort");
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await served.stop();
    }
  }
}
