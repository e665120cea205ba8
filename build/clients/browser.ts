import { ask } from "../processes/tools.ts";

/** Opens a file in the user's browser; false where there is no desktop, or no program that does it. */
export async function openInBrowser(path: string): Promise<boolean> {
  const program = process.platform === "darwin" ? "open" : "xdg-open";
  return (await ask(program, path)) !== undefined;
}
