import { existsSync, readdirSync, readFileSync } from "node:fs";
import { nearest } from "../../models/nearest.ts";
import type { ModelManifest } from "../../models/spec.ts";
import type { Model } from "../model/model.ts";
import { BadRequest, TooManyRequests } from "../request/errors.ts";
import type { Memory } from "./memory.ts";

/** A model in use; it is not closed before `release` is called. */
export interface Lease {
  readonly model: Model;
  release(): void;
}

export interface Models {
  readonly names: readonly string[];
  readonly fallback: string;
  opened(): string[];
  /**
   * A model by name, or the default one. It is opened on first use and stays open as long as there is memory for it.
   */
  use(name?: string): Promise<Lease>;
}

/** Names of the folders in `root` that have an mkimage.json, in alphabetical order. */
export function listModels(root: string): string[] {
  const names = existsSync(root) ? readdirSync(root) : [];
  return names.filter((name) => existsSync(`${root}/${name}/mkimage.json`)).sort();
}

export function readManifest(root: string, name: string): ModelManifest {
  return JSON.parse(readFileSync(`${root}/${name}/mkimage.json`, "utf8"));
}

interface Entry {
  readonly model: Promise<Model>;
  users: number;
}

interface ModelPoolOptions {
  readonly names: readonly string[];
  /** MKIMAGE_MODEL; default: the first name. */
  readonly fallback: string | undefined;
  readonly open: (name: string) => Promise<Model>;
  readonly memory: Memory;
}

/**
 * Opens models on first use. Before it opens one, it closes the least recently used ones until there is memory for it.
 * If a model cannot be opened, the next request tries again.
 */
export function modelPool({ names, fallback, open, memory }: ModelPoolOptions): Models {
  const [first] = names;
  if (first === undefined) throw new Error("there is no model in this image: no folder with an mkimage.json");
  if (fallback && !names.includes(fallback)) {
    throw new Error(`MKIMAGE_MODEL is "${fallback}", and this image has ${names.join(", ")}`);
  }
  const usual = fallback || first;
  /** Least recently used first. */
  const entries = new Map<string, Entry>();
  /** Models are opened one by one, so that the memory of each can be measured. */
  let turn: Promise<unknown> = Promise.resolve();

  async function makeRoom(name: string): Promise<void> {
    for (const [other, { model, users }] of [...entries]) {
      if (memory.hasRoomFor(name)) return;
      if (users > 0 || other === name) continue;
      entries.delete(other);
      await model.then(closeModel);
    }
    const busy = [...entries.keys()].filter((other) => other !== name);
    if (busy.length === 0 || memory.hasRoomFor(name)) return;
    throw new TooManyRequests(`no memory for model "${name}" while ${busy.join(", ")} answers: try again`);
  }

  function openNext(name: string): Promise<Model> {
    const opening = turn.then(async () => {
      await makeRoom(name);
      return memory.measured(name, () => open(name));
    });
    turn = opening.catch(() => {});
    return opening;
  }

  return {
    names,
    fallback: usual,
    opened: () => [...entries.keys()],
    async use(name = usual) {
      if (!names.includes(name)) throw unknownModel(name, names);
      const entry = entries.get(name) ?? { model: openNext(name), users: 0 };
      entries.delete(name);
      entries.set(name, entry);
      entry.users++;
      let released = false;
      const release = () => {
        if (!released) entry.users--;
        released = true;
      };
      try {
        return { model: await entry.model, release };
      } catch (error) {
        if (entries.get(name) === entry) entries.delete(name);
        throw error;
      }
    },
  };
}

async function closeModel({ graphs }: Model): Promise<void> {
  await Promise.all(graphs.map((graph) => graph.close()));
}

function unknownModel(name: string, names: readonly string[]): BadRequest {
  const meant = nearest(name, names);
  return new BadRequest(
    "model",
    `no model "${name}"${meant ? `; did you mean ${meant}?` : ""} (${names.join(", ")})`,
  );
}
