import { vi } from "vitest";

/** Keeps what is written to stderr from here on to the end of the test, in place of showing it. @returns what it is so far */
export function stderrText(): () => string {
  let text = "";
  vi.spyOn(process.stderr, "write").mockImplementation((chunk) => {
    text += chunk;
    return true;
  });
  return () => text;
}
