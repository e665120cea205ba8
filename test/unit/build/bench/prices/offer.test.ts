import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { readOffer } from "../../../../../build/bench/prices/offer.ts";
import { readPrices } from "../../../../../build/bench/prices/prices.ts";
import { temporaryFolder } from "../../../../support/folder.ts";
import { mkimage } from "../../../../support/mkimage.ts";

let sku = 0;

/** A product with its terms, as an offer file has them; `tiers` from the last to the first. */
function product(regionCode: string | undefined, usagetype: string, ...tiers: string[]) {
  const id = `SKU${++sku}`;
  const dimensions = tiers.map((USD, index) => [
    `${id}.T.${index}`,
    { unit: "seconds", beginRange: String((tiers.length - 1 - index) * 6e9), pricePerUnit: { USD } },
  ]);
  return {
    products: {
      [id]: {
        sku: id,
        productFamily: "Serverless",
        attributes: { usagetype, ...(regionCode && { regionCode }) },
      },
    },
    terms: { [id]: { [`${id}.T`]: { offerTermCode: "T", priceDimensions: Object.fromEntries(dimensions) } } },
  };
}

const offer = (...all: ReturnType<typeof product>[]) => ({
  formatVersion: "v1.0",
  offerCode: "AWSLambda",
  publicationDate: "2026-11-03T22:14:09Z",
  products: Object.assign({}, ...all.map(({ products }) => products)),
  terms: { OnDemand: Object.assign({}, ...all.map(({ terms }) => terms)) },
});

const OFFER = offer(
  product("us-east-1", "Lambda-GB-Second", "0.0000133334", "0.0000150000", "0.0000166667"),
  product("us-east-1", "Lambda-GB-Second-ARM", "0.0000133334"),
  product("us-east-1", "Request", "0.0000002000"),
  product("us-east-1", "Request-ARM", "0.0000002000"),
  product("us-east-1", "Lambda-Storage-GB-Second", "0.0000000309"),
  product("us-east-1", "Lambda-Provisioned-Concurrency", "0.0000041667"),
  product("us-east-1", "Lambda-Provisioned-GB-Second", "0.0000097222"),
  product("us-east-1", "Lambda-Provisioned-Concurrency-ARM", "0.0000033334"),
  product("us-east-1", "Lambda-Provisioned-GB-Second-ARM", "0.0000077778"),
  product("us-east-1", "Lambda-SnapStart-Cached-GB-S", "0.0000015046"),
  product("us-east-1", "Lambda-SnapStart-Restored-GB", "0.0001397998"),
  product("us-east-1", "Lambda-Edge-GB-Second", "0.00005001"),
  product(undefined, "Global-Lambda-GB-Second", "0.0000000000"),
  product("ap-southeast-7", "APS9-Lambda-GB-Second", "0.0000166667"),
  product("ap-southeast-7", "APS9-Request", "0.0000002000"),
  product("moon-1", "MOO1-Lambda-Edge-Request", "0.0000006"),
);

const FROM = { source: "offer", before: [] };

describe("an offer file", () => {
  test("gives a row for each region and architecture: the first tier, and what both share in both", () => {
    const shared = {
      storageGbSecond: 3.09e-8,
      snapStart: { cacheGbSecond: 1.5046e-6, restoreGb: 1.397998e-4 },
    };
    expect(readOffer(OFFER, FROM)).toEqual([
      {
        region: "ap-southeast-7",
        arch: "amd64",
        gbSecond: 1.66667e-5,
        request: 2e-7,
        date: "2026-11-03",
        source: "offer",
      },
      {
        region: "us-east-1",
        arch: "amd64",
        gbSecond: 1.66667e-5,
        request: 2e-7,
        provisioned: { gbSecond: 4.1667e-6, duration: 9.7222e-6 },
        ...shared,
        date: "2026-11-03",
        source: "offer",
      },
      {
        region: "us-east-1",
        arch: "arm64",
        gbSecond: 1.33334e-5,
        request: 2e-7,
        provisioned: { gbSecond: 3.3334e-6, duration: 7.7778e-6 },
        ...shared,
        date: "2026-11-03",
        source: "offer",
      },
    ]);
  });

  test("keeps the prices of instances, which it has none of", async () => {
    const before = await readPrices("/nowhere");
    const [, amd] = readOffer(OFFER, { source: "offer", before });
    expect(amd?.managedInstance?.type).toBe("m7i.xlarge");
  });

  test("says the same as the table that mkimage comes with", async () => {
    const builtIn = (await readPrices("/nowhere")).filter(({ region }) => region === "us-east-1");
    const read = readOffer(OFFER, { source: "offer", before: builtIn }).filter(
      ({ region }) => region === "us-east-1",
    );
    const numbers = (rows: typeof read) => rows.map(({ date: _, source: __, ...row }) => row);
    expect(numbers(read)).toEqual(numbers(builtIn));
  });

  test("of another service, or without functions, is refused", () => {
    expect(() => readOffer({ ...OFFER, offerCode: "AmazonEC2" }, FROM)).toThrow(
      /offer is not valid\n.*offerCode/s,
    );
    expect(() => readOffer(offer(), FROM)).toThrow("offer has no prices of Lambda functions");
  });
});

describe("mkimage prices", () => {
  /** The address of a server that gives the answers one after the other, and the last one from then on. */
  async function serve(...answers: { status?: number; body: string }[]): Promise<string> {
    let asked = 0;
    const server = createServer((_request, reply) => {
      const { status = 200, body } = answers[Math.min(asked++, answers.length - 1)] as {
        status?: number;
        body: string;
      };
      reply.writeHead(status).end(body);
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    onTestFinished(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/index.json`;
  }

  test("update writes the project's table, which show prints", async () => {
    const cwd = await temporaryFolder();
    const from = await serve({ status: 503, body: "" }, { body: JSON.stringify(OFFER) });
    const update = await mkimage(["prices", "update", "--from", from], { cwd });
    expect(update.stderr).toBe("");
    expect(update.stdout).toMatch(
      /bench\/prices.json: 2 regions as of 2026-11-03, 1 of 3 rows new or changed$/,
    );
    const rows = JSON.parse(await readFile(join(cwd, "bench/prices.json"), "utf8"));
    expect(rows).toHaveLength(3);
    const show = await mkimage(["prices", "show", "--region", "us-east-1"], { cwd });
    expect(show.stdout).toMatch(/us-east-1 +arm64 +13.3334 +0.2 .*2026-11-03 +http/);
    expect((await mkimage(["prices", "show", "--region", "eu-west-1"], { cwd })).exitCode).toBe(2);
  });

  test("update leaves the table as it was when the answer is none", async () => {
    const cwd = await temporaryFolder({ "bench/prices.json": await readPrices("/nowhere") });
    const before = await readFile(join(cwd, "bench/prices.json"), "utf8");
    const run = async (from: string) => mkimage(["prices", "update", "--from", from], { cwd });
    expect(await run(await serve({ status: 404, body: "no" }))).toMatchObject({ exitCode: 3 });
    expect(await run(await serve({ body: "<html>" }))).toMatchObject({ exitCode: 2 });
    expect(await run("file:///etc/passwd")).toMatchObject({ exitCode: 2 });
    expect(await readFile(join(cwd, "bench/prices.json"), "utf8")).toBe(before);
  });
});
