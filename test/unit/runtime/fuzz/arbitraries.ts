import fc from "fast-check";

/** Texts in UTF-16 units, so that halves of surrogate pairs are among them. */
const units = fc.array(fc.nat(0xffff), { maxLength: 40 }).map((codes) => String.fromCharCode(...codes));

/** Texts of words that the tiny tokenizer knows, is not sure of, or treats apart. */
const words = fc
  .array(fc.constantFrom("a", "b", "c", "bd", "add", "[UNK]", "[SEP]", "[PAD]", "##d", ".", "é", "x"), {
    maxLength: 30,
  })
  .map((parts) => parts.join(" "));

/** Up to about a megabyte of the same again and again. */
const long = fc
  .tuple(fc.oneof(units, words), fc.nat(1_000_000))
  .map(([text, length]) => text.repeat(Math.floor(length / (text.length || 1))));

export const texts = fc.oneof(
  { weight: 8, arbitrary: words },
  { weight: 4, arbitrary: units },
  { weight: 4, arbitrary: fc.string({ unit: "binary" }) },
  { weight: 2, arbitrary: fc.constantFrom("", " ", "\u0000", "\ud800", "a\udfff", "e30=", '{"inputs":"a"}') },
  { weight: 1, arbitrary: long },
);

/** Names that mean something in some event, put where they may mean something else. */
const NAMES = [
  ...["inputs", "parameters", "model", "options", "server", "stream", "body", "isBase64Encoded"],
  ...["requestContext", "httpMethod", "path", "rawPath", "headers", "multiValueHeaders", "http", "method"],
  ...["elb", "domainName", "version", "stage", "content-type", "__proto__", "toString", "constructor"],
];

/** What JSON can say, and so everything that a direct event can be. */
export const values = fc.oneof(
  { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 1, arbitrary: texts },
  {
    weight: 2,
    arbitrary: fc
      .object({
        key: fc.oneof(fc.constantFrom(...NAMES), fc.string()),
        values: [texts, fc.double(), fc.boolean(), fc.constant(null), fc.constant([]), fc.constant({})],
        maxDepth: 4,
      })
      .map((value): unknown => JSON.parse(JSON.stringify(value))),
  },
);

/** A request of the Hugging Face inference API for any task or none: what an event is before it meets a task. */
export const requests = fc.record(
  {
    inputs: fc.oneof(texts, fc.array(texts, { maxLength: 5 }), values),
    parameters: fc.oneof(
      fc.dictionary(
        fc.constantFrom("normalize", "truncate", "max_tokens", "server", "stream", "top_k"),
        values,
      ),
      values,
    ),
    model: fc.oneof(fc.constantFrom("tiny", "large"), values),
    stream: values,
  },
  { requiredKeys: ["inputs"] },
);

/** An HTTP request as one of its carriers tells it, with anything in the place of anything. */
export const httpEvents = fc.record(
  {
    version: fc.oneof(fc.constantFrom("1.0", "2.0"), values),
    httpMethod: fc.oneof(fc.constantFrom("GET", "POST", "post", "PUT"), values),
    path: fc.oneof(fc.constantFrom("/", "/health", "/a/"), values),
    rawPath: fc.oneof(fc.constantFrom("/", "/prod/", "/ping"), values),
    headers: fc.oneof(fc.dictionary(fc.constantFrom("content-type", "Content-Type", "a"), texts), values),
    multiValueHeaders: fc.oneof(fc.dictionary(fc.string(), fc.array(texts, { maxLength: 2 })), values),
    requestContext: fc.oneof(
      fc.record(
        {
          http: fc.oneof(fc.record({ method: fc.constantFrom("GET", "POST", "DELETE") }), values),
          elb: values,
          stage: fc.oneof(fc.constantFrom("prod", "$default"), values),
          domainName: fc.oneof(fc.constant("a.lambda-url.eu-west-1.on.aws"), values),
        },
        { requiredKeys: [] },
      ),
      values,
    ),
    body: fc.oneof(
      requests.map((request) => JSON.stringify(request)),
      requests.map((request) => Buffer.from(JSON.stringify(request)).toString("base64")),
      values,
    ),
    isBase64Encoded: fc.oneof(fc.boolean(), values),
  },
  { requiredKeys: [] },
);
