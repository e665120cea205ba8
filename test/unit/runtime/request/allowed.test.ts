import { describe, expect, test, vi } from "vitest";
import { readSource } from "../../../../runtime/image-processing/source.ts";
import { allowedObject, requireServerFacts } from "../../../../runtime/request/allowed.ts";

test.each([undefined, "", "false", "1"])("with %j no reply tells about the server", (value) => {
  vi.stubEnv("MKIMAGE_ALLOW_SERVER_FACTS", value);
  expect(() => requireServerFacts("parameters.server")).toThrow(
    expect.objectContaining({
      status: 403,
      field: "parameters.server",
      message: expect.stringContaining("(allow.serverFacts in mkimage.json, or MKIMAGE_ALLOW_SERVER_FACTS)"),
    }),
  );
});

test("where it is configured, replies tell about the server", () => {
  vi.stubEnv("MKIMAGE_ALLOW_SERVER_FACTS", "true");
  expect(() => requireServerFacts("server")).not.toThrow();
});

describe("an object of S3", () => {
  const ask = (places: string | undefined, address: string) => {
    vi.stubEnv("MKIMAGE_ALLOW_S3", places);
    return () => allowedObject(address, "inputs[1]");
  };

  test.each([
    ["s3://pictures", "s3://pictures/a.png", "a.png"],
    ["s3://pictures/", "s3://pictures/in/a.png", "in/a.png"],
    ["s3://pictures/in", "S3://pictures/in/a.png", "in/a.png"],
    ["s3://pictures/in/", "s3://pictures/in/deep/a.png", "in/deep/a.png"],
    ["s3://pictures/in/a.png", "s3://pictures/in/a.png", "in/a.png"],
    ["s3://other,s3://pictures/in", "s3://pictures/in/a.png", "in/a.png"],
    ["s3://other, s3://pictures/in ", "s3://pictures/in/a..png", "in/a..png"],
    ["s3://pictures/my cats", "s3://pictures/my cats/a,b.png", "my cats/a,b.png"],
    // Not resolved: it is what the key is called.
    ["s3://pictures/in", "s3://pictures/in/%2e%2e/a.png", "in/%2e%2e/a.png"],
  ])("%s holds %s", (places, address, key) => {
    expect(ask(places, address)()).toEqual({ bucket: "pictures", key });
  });

  test.each([
    [undefined, "s3://pictures/a.png"],
    ["", "s3://pictures/a.png"],
    [",", "s3://pictures/a.png"],
    ["pictures", "s3://pictures/a.png"],
    ["s3://", "s3://pictures/a.png"],
    ["s3://pic", "s3://pictures/a.png"],
    ["s3://pictures", "s3://pictures-private/a.png"],
    ["s3://pictures", "s3://Pictures/a.png"],
    ["s3://pictures/pre", "s3://pictures/prefix/a.png"],
    ["s3://pictures/pre/", "s3://pictures/pre"],
    ["s3://pictures/in", "s3://pictures/In/a.png"],
    ["s3://pictures/in", "s3://pictures//in/a.png"],
    ["s3://pictures/in", "s3://pictures/in%2Fa.png"],
    ["s3://pictures/in", "s3://pictures/in\\a.png"],
    ["s3://pictures/in", "s3://pictures/a.png?/in/"],
  ])("%s does not hold %s", (places, address) => {
    expect(ask(places, address)).toThrow(
      expect.objectContaining({
        name: "BadRequest",
        status: 403,
        field: "inputs[1]",
        message: expect.stringContaining(
          `to read ${address} (allow.s3 in mkimage.json, or MKIMAGE_ALLOW_S3)`,
        ),
      }),
    );
  });

  test.each(["in/../secret/a.png", "in/./a.png", "../in/a.png", "in/.."])("a key %j is refused", (key) => {
    expect(ask("s3://pictures/in,s3://pictures", `s3://pictures/${key}`)).toThrow(
      expect.objectContaining({ status: 400, message: expect.stringContaining("a part . or ..") }),
    );
  });

  test.each(["s3://", "s3://pictures", "s3://b/key", "s3://pictures/"])("%s is no address", (address) => {
    expect(ask("s3://pictures", address)).toThrow("inputs[1]: expected s3://bucket/key");
  });

  test("an image is not read from anywhere else", async () => {
    await expect(readSource("s3://pictures/a.png", "inputs")).rejects.toMatchObject({ status: 403 });
  });
});
