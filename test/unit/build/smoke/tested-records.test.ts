import { beforeEach, expect, test, vi } from "vitest";
import type { Tested } from "../../../../build/smoke/smoke.ts";
import { recordTested, wasTested } from "../../../../build/smoke/tested-records.ts";
import { temporaryFolder } from "../../../support/folder.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const tested = (letter: string) =>
  ({ id: digest(letter), reference: "mkimage/embed:alpine-arm64" }) as Tested;

beforeEach(async () => {
  vi.stubEnv("MKIMAGE_CACHE", await temporaryFolder());
});

test("an image that passed is known by its digest, and no other one is", async () => {
  expect(await wasTested([digest("1")])).toBe(false);
  await recordTested([tested("1"), tested("2")]);
  expect(await wasTested([digest("1")])).toBe(true);
  expect(await wasTested([digest("9"), digest("2")])).toBe(true);
  expect(await wasTested([digest("3")])).toBe(false);
  expect(await wasTested([])).toBe(false);
});

test("noting the same image twice is no error", async () => {
  await recordTested([tested("1")]);
  await recordTested([tested("1")]);
  expect(await wasTested([digest("1")])).toBe(true);
});
