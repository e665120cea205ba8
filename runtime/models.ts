import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { BadRequest } from "./errors.ts";
import type { Model } from "./model.ts";
import { nearest } from "./nearest.ts";

/** The models of this function by name. */
export interface Models {
  readonly names: readonly string[];
  /** The model of that name, or the default one; opened at its first use and kept. */
  get(name?: string): Promise<Model>;
}

/** Names of the models under `root`: every folder with an mkimage.json, in alphabetical order. */
export function listModels(root: string): string[] {
  const names = existsSync(root) ? readdirSync(root) : [];
  return names.filter((name) => existsSync(join(root, name, "mkimage.json"))).sort();
}

/**
 * Models opened by `open` when they are first asked for. One that failed to open is tried again by the next request.
 * @param fallback MKIMAGE_MODEL; the first name when it is unset
 */
export function modelSet(
  names: readonly string[],
  fallback: string | undefined,
  open: (name: string) => Promise<Model>,
): Models {
  const [first] = names;
  if (first === undefined) throw new Error("there is no model in this image: no folder with an mkimage.json");
  if (fallback && !names.includes(fallback)) {
    throw new Error(`MKIMAGE_MODEL is "${fallback}", and this image has ${names.join(", ")}`);
  }
  const opened = new Map<string, Promise<Model>>();
  return {
    names,
    get(name = fallback || first) {
      if (!names.includes(name)) return Promise.reject(unknownModel(name, names));
      const model = opened.get(name) ?? open(name);
      opened.set(name, model);
      model.catch(() => opened.delete(name));
      return model;
    },
  };
}

function unknownModel(name: string, names: readonly string[]): BadRequest {
  const meant = nearest(name, names);
  return new BadRequest(
    "model",
    `no "${name}" here${meant ? `; did you mean ${meant}?` : ""} (${names.join(", ")})`,
  );
}
