import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import { fill, type Input, inputsFor, times } from "./input.ts";

/** A POST to a Function URL. */
const posted = (body: unknown, changes: Readonly<Record<string, unknown>> = {}) => ({
  version: "2.0",
  rawPath: "/",
  headers: { "content-type": "application/json" },
  requestContext: { http: { method: "POST" }, domainName: "a.lambda-url.eu-west-1.on.aws" },
  body: typeof body === "string" ? body : JSON.stringify(body),
  ...changes,
});

const small = { inputs: "a" };

/** A body that a client has compressed. */
const packed = (coding: string, body: Uint8Array) =>
  posted(Buffer.from(body).toString("base64"), {
    isBase64Encoded: true,
    headers: { "content-type": "text/plain", "content-encoding": coding },
  });

const typed = (type: string) => posted("a", { headers: { "content-type": type } });

const http = inputsFor("vectors", {
  "a path of 200,000 slashes": () => posted(small, { rawPath: "/".repeat(200_000) }),
  "a path of slashes before a letter": () => posted(small, { rawPath: `${fill("/", 3e6)}a` }),
  "a model of 5 MB in the path": () => posted(small, { rawPath: `/models/${fill("vectors", 5e6)}` }),
  "a stage of 2 MB": () => {
    const stage = fill("a/", 2e6);
    const http = { method: "POST" };
    return posted(small, { rawPath: `/${stage}/`, requestContext: { http, stage } });
  },
  "300,000 headers": () => ({
    ...posted(small),
    headers: Object.fromEntries(times(200_000, 0).map((_, i) => [`header-${i}`, "a"])),
  }),
  "a method of 5 MB": () => posted(small, { requestContext: { http: { method: fill("p", 5e6) } } }),
  "a content type of 5 MB": () => typed(`application/${fill("a.", 5e6)}`),
  "a content type of plus signs": () => typed(`application/${fill("a+", 5e6)}`),
  "a charset after 3 MB of blanks": () => typed(`text/plain;${fill(" ", 3e6)}charset`),
  "3 MB of semicolons before a charset": () => typed(`text/plain${fill("; ", 3e6)}charset`),
  "a charset's name of 3 MB": () => typed(`text/plain; charset=${fill("x", 3e6)}`),
  "a body of 6 MB of brackets": () => posted("[".repeat(5_500_000)),
  "gzip of 6 GB": () => {
    const gigabyte = gzipSync(Buffer.alloc(2 ** 30), { level: 9 });
    return packed("gzip", Buffer.concat(times(3, gigabyte)));
  },
  "gzip of 200,000 empty members": () => packed("gzip", Buffer.concat(times(200_000, gzipSync("")))),
  "brotli of 1 GB": () => packed("br", brotliCompressSync(Buffer.alloc(2 ** 30))),
  "zstd of 1 GB": () => packed("zstd", zstdCompressSync(Buffer.alloc(2 ** 30))),
  "base64 of 5 MB that is none": () => posted(fill("!", 5e6), { isBase64Encoded: true }),
  "embeddings of a million texts": () =>
    posted({ model: "vectors", input: times(1_000_000, "a") }, { rawPath: "/v1/embeddings" }),
  "embeddings of a text of 5 MB": () =>
    posted({ model: "vectors", input: fill("a ", 5e6) }, { rawPath: "/v1/embeddings" }),
  "a warm-up event with 6 MB beside it": () => ({ warmer: true, a: fill("a") }),
});

const raw = inputsFor("moods", {
  "6 MB of brackets": () => "[".repeat(6_000_000),
  "6 MB that are no JSON": () => "a".repeat(6_000_000),
  "a million fields": () => `{"inputs":"a",${fill('"a":1,', 5e6)}"b":1}`,
  "a million numbers with long fractions": () => `{"inputs":[${fill(`0.${"1".repeat(50)},`, 5e6)}1]}`,
  "fields named __proto__": () => `{"inputs":"a","__proto__":{"inputs":"b"},"constructor":{"prototype":1}}`,
  "an event that is null": () => "null",
  "an event that is empty": () => "",
});

const record = (key: string, bucket = "pictures") => ({
  eventSource: "aws:s3",
  s3: { bucket: { name: bucket }, object: { key } },
});

/** A bucket at the address that test/attack/lambda.ts listens on; its keys say how it misbehaves. */
const s3 = inputsFor("vit", {
  "40,000 records": () => ({ Records: times(40_000, record("a")) }),
  "a key of 5 MB": () => ({ Records: [record(fill("%20", 5e6))] }),
  "a key with half an escape": () => ({ Records: [record("%e4%a")] }),
  "a bucket's name of 5 MB": () => ({ Records: [record("a", fill("b", 5e6))] }),
  "a key that leads out of its bucket": () => ({ Records: [record("../../other/secret")] }),
  "an object without end": () => ({ Records: [record("endless")] }),
  "a bucket that is not allowed": () => ({ Records: [record("endless", "others")] }),
  "a bucket that says nothing": () => ({ Records: [record("silent")] }),
  "a bucket that sends a byte a second": () => ({ Records: [record("slow")] }),
  "an object that says it has 5 GB": () => ({ Records: [record("huge")] }),
  "four objects without end": () => ({ Records: times(4, record("endless")) }),
  "a bucket that sends elsewhere for ever": () => ({ Records: [record("elsewhere")] }),
});

const chat = (request: object) => posted(request, { rawPath: "/v1/chat/completions" });
const said = [{ role: "user", content: "a" }];
const template = (source: string) => ({
  files: { "chat_template.jinja": source },
  event: () => ({ messages: said, max_tokens: 2 }),
});

const chats = inputsFor("gpt2", {
  "a chat of 150,000 messages": () => chat({ messages: times(150_000, said[0]) }),
  "a message of 5 MB": () => chat({ messages: [{ role: "user", content: fill("a ", 5e6) }] }),
  "a message of 100,000 parts": () =>
    chat({ messages: [{ role: "user", content: times(100_000, { type: "text", text: "a" }) }] }),
  "a role of 5 MB": () => chat({ messages: [{ role: fill("a", 5e6), content: "a" }] }),
  "a completion without end": () => chat({ messages: said, max_tokens: 1_000_000_000 }),
  "a streamed completion without end": () =>
    chat({ messages: said, max_tokens: 1_000_000_000, stream: true, logprobs: true, top_logprobs: 20 }),
  "a template that loops twenty million times": template("{% for i in range(20000000) %}{{ i }}{% endfor %}"),
  "a template that loops in a loop in a loop": template(
    "{% for i in range(1000) %}{% for j in range(1000) %}{% for k in range(1000) %}{% endfor %}{% endfor %}{% endfor %}",
  ),
  "a template that doubles its text forty times": template(
    "{% set n = namespace(x='aaaaaaaa') %}{% for i in range(40) %}{% set n.x = n.x ~ n.x %}{% endfor %}{{ n.x }}",
  ),
  "a template that calls itself": template("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"),
  "a template that multiplies a list": template("{{ [0] * 1000000000 }}{{ 'a' * 1000000000 }}"),
  "a template that replaces by longer texts": template(
    "{% set n = namespace(x='a') %}{% for i in range(30) %}{% set n.x = n.x.replace('a', 'aaaaaaaa') %}{% endfor %}{{ n.x }}",
  ),
});

/** Events that are hostile before they meet a task. */
export const EVENTS: readonly Input[] = [...http, ...raw, ...s3, ...chats];
