import { z } from "zod";

/** A relative path without `..`, empty segments or a leading slash. */
const RELATIVE_PATH = /^(?!\/)(?![\s\S]*(?:^|\/)\.{0,2}(?:\/|$))[^\0]+$/;

export const relativePath = z
  .string()
  .regex(RELATIVE_PATH, "expected a relative path without . or ..")
  .refine((path) => !(path in {}), "expected another name: every object of JavaScript has one of this name");
