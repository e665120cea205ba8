import { expect, test } from "vitest";
import { archList, environmentOptions } from "../../../../build/command-line/options.ts";

test("variables are options in upper case behind MKIMAGE_", () => {
  const env = {
    MKIMAGE_OS: "alpine",
    MKIMAGE_IMAGE_VERSION: "1.0",
    MKIMAGE_CONFIG: "other.json",
    OS: "linux",
  };
  expect(environmentOptions(env)).toEqual({ os: "alpine", "image-version": "1.0", config: "other.json" });
});

test("empty ones and those of other things are left out", () => {
  expect(environmentOptions({ MKIMAGE_OS: "", MKIMAGE_CACHE: "/cache", MKIMAGE_JSON: "1" })).toEqual({});
});

test("architectures may have the names of the kernel and of AWS", () => {
  expect(archList(["x86_64,arm64", "aarch64"])).toEqual(["amd64", "arm64", "arm64"]);
  expect(archList(["sparc"])).toEqual(["sparc"]);
  expect(archList(undefined)).toBeUndefined();
});
