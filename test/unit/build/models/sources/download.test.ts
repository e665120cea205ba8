import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import { HttpError } from "../../../../../build/clients/http.ts";
import { download, type Open } from "../../../../../build/models/sources/download.ts";
import { temporaryFolder, writeTree } from "../../../../support/folder.ts";
import { refusal } from "../../../../support/refusal.ts";

const CONTENT = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251));

let folder: string;
let part: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  part = join(folder, "deep", "part");
});

/** A server of CONTENT: how each connection goes, the last one for all that follow; and what it was asked for. */
function server(
  ...connections: Partial<{ bytes: number; error: Error; ranges: boolean; wait: number; gives: number }>[]
) {
  const asked: number[] = [];
  const open: Open = async (offset, signal) => {
    const how = connections[Math.min(asked.length, connections.length - 1)] ?? {};
    asked.push(offset);
    if (how.error) throw how.error;
    const from = how.gives ?? (how.ranges === false ? 0 : offset);
    async function* stream() {
      yield CONTENT.subarray(from, from + (how.bytes ?? CONTENT.length));
      if (how.wait) await sleep(how.wait, undefined, { signal });
    }
    return { stream: stream(), offset: from, size: CONTENT.length };
  };
  return { asked, open };
}

const counter = () => {
  const counts: number[] = [];
  return {
    counts,
    onBytes: (count: number) => void counts.push(count),
    sum: () => counts.reduce((a, b) => a + b, 0),
  };
};
const { signal } = new AbortController();
const http = (status: number) =>
  new HttpError({ url: "https://x/y", status, statusText: "", headers: new Headers() } as Response);

describe("a download", () => {
  test("is the whole file, and every byte is counted", async () => {
    const { open, asked } = server({});
    const { onBytes, sum } = counter();
    await download(open, { part, size: CONTENT.length, signal, onBytes });
    expect(await readFile(part)).toEqual(CONTENT);
    expect(asked).toEqual([0]);
    expect(sum()).toBe(CONTENT.length);
  });

  test("that is above its limit is refused: before it begins, or as soon as it is", async () => {
    const { open, asked } = server({});
    const options = { part, limit: 100_000, what: "config.json of hf:a/b", signal, onBytes: () => {} };
    for (const size of [CONTENT.length, undefined]) {
      expect(await refusal(() => download(open, { ...options, size }))).toMatchObject({
        exitCode: 2,
        message: expect.stringContaining("config.json of hf:a/b is larger than 0.1 MB"),
      });
      expect(await readFile(part).catch(() => "gone")).toBe("gone");
    }
    expect(asked).toEqual([0]);
  });

  test("that drips ends, whether or not its server says how large it is", async () => {
    const asked: number[] = [];
    const open: Open = async (offset, stop) => {
      asked.push(offset);
      async function* drip() {
        for (;;) {
          yield Buffer.alloc(100);
          await sleep(20, undefined, { signal: stop });
        }
      }
      return { stream: drip(), offset };
    };
    const options = { part, signal, onBytes: () => {}, stallAfter: 100, retries: 1 };
    await expect(download(open, options)).rejects.toThrow("less than 64 kB in 0.1 s");
    expect(asked).toHaveLength(2);
  });

  test("goes on from where the connection ended", async () => {
    const { open, asked } = server({ bytes: 70_000 }, { bytes: 70_000 }, {});
    const { onBytes, sum } = counter();
    await download(open, { part, signal, onBytes });
    expect(await readFile(part)).toEqual(CONTENT);
    expect(asked).toEqual([0, 70_000, 140_000]);
    expect(sum()).toBe(CONTENT.length);
  });

  test("goes on from what a former run has left, and tells it first", async () => {
    await writeTree(folder, { "deep/x": "" });
    const { open: first } = server({ bytes: 100_000 }, { error: http(404) });
    await expect(download(first, { part, signal, onBytes: () => {} })).rejects.toThrow("404");
    const { open, asked } = server({});
    const { onBytes, counts } = counter();
    await download(open, { part, size: CONTENT.length, signal, onBytes });
    expect(asked).toEqual([100_000]);
    expect(counts[0]).toBe(100_000);
    expect(await readFile(part)).toEqual(CONTENT);
  });

  test("that is whole already asks for nothing", async () => {
    const { open, asked } = server({});
    for (let round = 0; round < 2; round++)
      await download(open, { part, size: CONTENT.length, signal, onBytes: () => {} });
    expect(asked).toEqual([0]);
  });

  test("starts again where the server knows no ranges, and takes the bytes back", async () => {
    const { open, asked } = server({ bytes: 70_000 }, { ranges: false });
    const { onBytes, sum } = counter();
    await download(open, { part, signal, onBytes });
    expect(asked).toEqual([0, 70_000]);
    expect(await readFile(part)).toEqual(CONTENT);
    expect(sum()).toBe(CONTENT.length);
  });

  test("starts again when what is there is longer than the file, or the server finds no such range", async () => {
    const { open } = server({});
    await download(open, { part, signal, onBytes: () => {} });
    const shorter = server({ bytes: 10 });
    await download(shorter.open, { part, size: 10, signal, onBytes: () => {} });
    expect(shorter.asked).toEqual([0]);
    const gone = server({ error: http(416) }, {});
    await download(gone.open, { part, signal, onBytes: () => {} });
    expect(gone.asked).toEqual([10, 0]);
    expect(await readFile(part)).toEqual(CONTENT);
  });

  test("does not mix in another range than it asked for", async () => {
    const { open } = server({ bytes: 70_000 }, { gives: 50_000 }, {});
    await download(open, { part, signal, onBytes: () => {} });
    expect(await readFile(part)).toEqual(CONTENT);
  });

  test.each([404, 401, 403, 410])("is not tried again after %i", async (status) => {
    const { open, asked } = server({ error: http(status) });
    await expect(download(open, { part, signal, onBytes: () => {} })).rejects.toThrow(String(status));
    expect(asked).toEqual([0]);
  });

  test.each([
    ["503", http(503)],
    [
      "a lost connection",
      new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code: "ECONNRESET" }) }),
    ],
  ])("is tried again after %s, and ends with that error when it stays", async (_, error) => {
    const { open, asked } = server({ error });
    await expect(download(open, { part, signal, onBytes: () => {}, retries: 2 })).rejects.toThrow(
      error.message,
    );
    expect(asked).toEqual([0, 0, 0]);
  });

  test("of a connection that brings nothing more counts as broken", async () => {
    const { open, asked } = server({ bytes: 100_000, wait: 60_000 }, {});
    await download(open, { part, signal, onBytes: () => {}, stallAfter: 100 });
    expect(asked).toEqual([0, 100_000]);
    expect(await readFile(part)).toEqual(CONTENT);
  });

  test("stops at once when it is told to, and what has come stays", async () => {
    const controller = new AbortController();
    const { open } = server({ bytes: 100_000, wait: 60_000 });
    const run = download(open, {
      part,
      signal: controller.signal,
      onBytes: (count) => count > 0 && controller.abort(new Error("SIGINT")),
    });
    await expect(run).rejects.toThrow("SIGINT");
  });

  test("of a file that cannot be written ends with the file system's error", async () => {
    await writeTree(folder, { deep: "a file" });
    const { open } = server({});
    await expect(download(open, { part, signal, onBytes: () => {} })).rejects.toThrow(/EEXIST|ENOTDIR/);
  });
});

test("a server that sends more than the file should have is listened to no longer", async () => {
  const asked: number[] = [];
  let sent = 0;
  const open: Open = async (offset) => {
    asked.push(offset);
    async function* endless() {
      for (;;) {
        sent += 1000;
        yield Buffer.alloc(1000);
      }
    }
    return { stream: endless(), offset };
  };
  await download(open, { part, size: 10_000, signal, onBytes: () => {} });
  expect(asked).toEqual([0]);
  expect(sent).toBeLessThan(100_000);
  expect((await readFile(part)).length, "so that its checksum is a wrong one").toBeGreaterThan(10_000);
});

test("a file that is shorter now is taken as it is: its checksum decides", async () => {
  const { open, asked } = server({});
  await download(open, { part, size: CONTENT.length + 1, signal, onBytes: () => {} });
  expect(asked).toEqual([0]);
  expect(await readFile(part)).toEqual(CONTENT);
});
