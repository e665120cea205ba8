import { expect, test } from "vitest";
import type { Config } from "../../../../build/config/config.ts";
import { chooseImages } from "../../../../build/deploy/target.ts";
import type { Image } from "../../../../build/plan/image.ts";

const cells = (["alpine", "debian"] as const).flatMap((os) =>
  (["arm64", "amd64"] as const).map(
    (arch) => ({ function: "embed", name: `${os}-${arch}`, os, arch, quantization: "fp32" }) as Image,
  ),
);

const config = (deploy: object, flags: Config["flags"] = {}) =>
  ({ functions: [{ name: "embed", deploy }], flags }) as unknown as Config;

test("the fields of deploy choose one image of the matrix", () => {
  const [image, ...others] = chooseImages(cells, config({ os: "alpine", arch: "arm64" }));
  expect(image?.name).toBe("alpine-arm64");
  expect(others).toEqual([]);
});

test("a flag replaces the field: the matrix has only its cells", () => {
  const debian = cells.filter(({ os }) => os === "debian");
  const [image] = chooseImages(debian, config({ os: "alpine", arch: "amd64" }, { os: ["debian"] }));
  expect(image?.name).toBe("debian-amd64");
});

test("several images, or none, are refused", () => {
  expect(() => chooseImages(cells, config({ os: "alpine" }))).toThrow("2 images: alpine-arm64, alpine-amd64");
  expect(() => chooseImages(cells, config({ os: "ubuntu" }))).toThrow("no such image");
});
