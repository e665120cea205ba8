import fc from "fast-check";
import { beforeEach, expect, test, vi } from "vitest";
import { readBody } from "../../../../runtime/http-events/body.ts";
import { toFailure } from "../../../../runtime/lambda/error-payload.ts";
import { type Handler, serve } from "../../../../runtime/lambda/loop.ts";
import type { Invocation, RuntimeApi } from "../../../../runtime/lambda/runtime-api.ts";
import { BadRequest } from "../../../../runtime/request/errors.ts";
import { tinyModel } from "../../../support/tiny-model.ts";
import { httpEvents, requests, texts, values } from "./arbitraries.ts";
import { asking, mustCope } from "./asking.ts";
import { search } from "./search.ts";

beforeEach(() => {
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
});

const ask = asking(tinyModel());

test.each([
  { about: "anything", events: values },
  { about: "HTTP requests", events: httpEvents },
  { about: "requests", events: requests },
])("$about: answered, or refused for what the caller did, and the next one is right", async ({ events }) => {
  await search(fc.asyncProperty(events, (event) => mustCope(ask, event)));
  expect(await ask({ inputs: "a b" })).toEqual([3.5, 2.5]);
});

test("a body of any bytes and content type is read or refused", async () => {
  const types = fc.oneof(
    fc.constantFrom("application/json", "text/plain; charset=utf-8", "image/png", "application/xml", " "),
    fc.string(),
    fc.constant(undefined),
  );
  const bodies = fc.oneof(fc.uint8Array(), texts).map((content) => Buffer.from(content as string));
  const codings = fc.constantFrom(undefined, "gzip", "deflate", "br", "zstd", "compress");
  const readOrRefuse = (body: Buffer, type: string | undefined, coding: string | undefined) => {
    try {
      readBody({ body, coding, header: () => type });
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error;
      expect(error.status).toBeGreaterThanOrEqual(400);
    }
  };
  await search(fc.property(bodies, types, codings, readOrRefuse));
});

test("the loop hands in something for every event, JSON or not, and whatever the handler does", async () => {
  const outcomes = fc.oneof(
    fc.record({ gives: fc.anything() }),
    fc.record({ throws: fc.anything({ withNullPrototype: true, withBigInt: true }) }),
  );
  const events = fc.array(
    fc.tuple(
      fc.oneof(
        texts,
        values.map((value) => JSON.stringify(value)),
      ),
      outcomes,
    ),
    {
      maxLength: 5,
    },
  );
  await search(
    fc.asyncProperty(events, async (given) => {
      const stop = new AbortController();
      const answered: string[] = [];
      let handedOut = 0;
      const api = {
        async next() {
          if (handedOut === given.length) stop.abort();
          const requestId = String(handedOut++);
          const body = given[Number(requestId)]?.[0] ?? "1";
          return { requestId, body, deadlineMs: Infinity } as Invocation;
        },
        async respond(requestId: string, json: string) {
          JSON.parse(json);
          answered.push(requestId);
        },
        async fail(requestId: string, thrown: unknown) {
          JSON.stringify(toFailure(thrown));
          answered.push(requestId);
        },
      };
      const handler: Handler = async (_, { requestId }) => {
        const outcome = given[Number(requestId)]?.[1] ?? { gives: 1 };
        if ("throws" in outcome) throw outcome.throws;
        return outcome.gives;
      };
      await serve(api as unknown as RuntimeApi, handler, { signal: stop.signal });
      expect(answered).toEqual([...given, "the last"].map((_, i) => String(i)));
    }),
  );
});
