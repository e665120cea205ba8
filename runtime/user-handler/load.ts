import type { Handler, Init } from "./api.d.ts";

/** What the bundle of a project's handler.ts exports. */
export interface UserHandlerModule {
  readonly default: Handler;
  readonly init?: Init;
}

/**
 * Loads the project's own handler.
 * @throws what the module throws, or an error that says which of its exports is wrong
 */
export async function loadUserHandler(file: string): Promise<UserHandlerModule> {
  // Stacks then have the lines of handler.ts; its map is read when there is a stack to show.
  process.setSourceMapsEnabled(true);
  const { default: handler, init }: Record<string, unknown> = await import(file);
  if (typeof handler !== "function") throw new TypeError("the handler's default export is not a function");
  if (init !== undefined && typeof init !== "function") {
    throw new TypeError("the handler's export `init` is not a function");
  }
  return { default: handler, init } as UserHandlerModule;
}
