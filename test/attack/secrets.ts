import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";

/** Secrets that are like no other text, by what they are. */
export class Secrets {
  readonly #all = new Map<string, string>();

  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** A new secret. */
  make(kind: string): string {
    const secret = `s${randomBytes(12).toString("hex")}`;
    this.#all.set(secret, kind);
    this.#count++;
    // As it is in a header of a login, whatever the user's name.
    for (const user of ["u:", "us:", "use:"]) {
      const encoded = Buffer.from(user + secret).toString("base64");
      this.#all.set(encoded.slice(8, 24), `${kind} in base64`);
    }
    return secret;
  }

  /** Kinds of the secrets in a text. */
  in(text: string | Buffer): string[] {
    return [...this.#all].filter(([secret]) => text.includes(secret)).map(([, kind]) => kind);
  }

  /** The same for a stream, however its chunks are cut. */
  async inStream(stream: Readable): Promise<string[]> {
    const found = new Set<string>();
    let tail = Buffer.alloc(0);
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const piece = Buffer.concat([tail, chunk]);
      for (const kind of this.in(piece)) found.add(kind);
      tail = piece.subarray(-64);
    }
    return [...found];
  }

  /** Files below a folder that have one in them and were changed after `since`, in milliseconds since 1970. */
  async inFolder(folder: string, since = 0): Promise<string[]> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    const found: string[] = [];
    for (const entry of entries.filter((each) => each.isFile())) {
      const path = join(entry.parentPath, entry.name);
      const changed = await stat(path).then(
        ({ ctimeMs }) => ctimeMs,
        () => 0,
      );
      if (changed < since) continue;
      const kinds = await this.inStream(createReadStream(path)).catch(() => []);
      found.push(...kinds.map((kind) => `${kind} in ${path}`));
    }
    return found;
  }

  /** Looks at the arguments of all processes again and again until `signal` aborts. */
  async inArguments(signal: AbortSignal): Promise<string[]> {
    const found = new Set<string>();
    while (!signal.aborted) {
      for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
        const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
        for (const kind of this.in(line)) found.add(`${kind} in the arguments of ${line.split("\0")[0]}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return [...found];
  }
}
