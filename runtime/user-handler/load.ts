import type { Handler, Init } from "../handler-types/index.d.ts";

export interface UserHandlerModule {
  readonly default: Handler;
  readonly init?: Init;
}

/**
 * Loads the user's handler.
 * @throws the module's error, or an error that names the wrong export
 */
export async function loadUserHandler(file: string): Promise<UserHandlerModule> {
  // Stacks then refer to handler.ts; the source map is read when a stack is needed.
  process.setSourceMapsEnabled(true);
  const { default: handler, init }: Record<string, unknown> = await import(file);
  if (typeof handler !== "function") throw new TypeError("the handler's default export is not a function");
  if (init !== undefined && typeof init !== "function") {
    throw new TypeError("the handler's export `init` is not a function");
  }
  return { default: handler, init } as UserHandlerModule;
}
