import type { Abi, Arch } from "../../catalog.ts";
import type { ImageFacts } from "./image-facts.ts";

/** Where an image is at odds with a rule. */
export interface Fault {
  /** The file, setting or layer. */
  readonly subject: string;
  readonly what: string;
}

/** An image, and what is expected of it beside the rules that hold for every image. */
export interface Inspection extends ImageFacts {
  /** The architecture that it is to have; undefined: its own. */
  readonly arch?: Arch | undefined;
  /** The newest symbol versions of its system's libraries; undefined: those that its own libraries define. */
  readonly abi?: Abi | undefined;
  /** Files and folders whose keys or tokens are no secrets. */
  readonly notSecret?: readonly string[] | undefined;
  /** Index of the first layer that mkimage made; undefined for an image that it has not made. */
  readonly ownFrom?: number | undefined;
}

export interface Rule {
  readonly name: string;
  /** What has to be so. */
  readonly rule: string;
  /** What happens otherwise. */
  readonly why: string;
  readonly source: string;
  /** What to do about a fault. */
  readonly cure: string;
  /** `advice` is told, and an image that does not follow it passes. */
  readonly level: "required" | "advice";
  /** @returns the faults; undefined where they cannot be known. */
  readonly check: (image: Inspection) => readonly Fault[] | undefined;
}
