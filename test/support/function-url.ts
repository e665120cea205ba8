import { openDoor } from "../../build/up/door.ts";

/** What AWS puts before a function, for a while: an address that answers HTTP with a function. */
export async function withFunctionUrl<T>(
  invoke: (event: string) => Promise<string>,
  use: (url: string) => Promise<T>,
): Promise<T> {
  // The emulator takes one call at a time.
  let turn: Promise<unknown> = Promise.resolve();
  const next = async (event: string) => {
    const own = turn.then(() => invoke(event));
    turn = own.catch(() => {});
    return { body: await own, milliseconds: 0 };
  };
  const door = await openDoor({ name: "function", invoke: next }, { cells: [], port: 0, page: () => "" });
  try {
    return await use(door.url);
  } finally {
    door.close();
  }
}
