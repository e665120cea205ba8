import { expect, test } from "vitest";
import { isHttpEvent, readHttpEvent } from "../../../../runtime/http-events/event.ts";

test.each([
  { event: { version: "2.0", requestContext: { http: { method: "POST" } }, body: "{}" }, http: true },
  { event: { httpMethod: "POST", requestContext: {}, body: null }, http: true },
  { event: { httpMethod: "POST", body: "{}" }, http: true },
  { event: { body: "{}" }, http: true },
  { event: { inputs: "a" }, http: false },
  { event: { inputs: "a", body: "b" }, http: false },
  { event: {}, http: false },
  { event: null, http: false },
  { event: "body", http: false },
  { event: ["body"], http: false },
])("$event is an HTTP request: $http", ({ event, http }) => {
  expect(isHttpEvent(event)).toBe(http);
});

/** As AWS documents them, shortened. */
const EVENTS = {
  "function-url": {
    version: "2.0",
    rawPath: "/my/path/",
    headers: { "content-type": "application/json" },
    requestContext: {
      domainName: "abc.lambda-url.us-west-2.on.aws",
      http: { method: "POST", path: "/my/path/" },
      stage: "$default",
    },
    body: "e30=",
    isBase64Encoded: true,
  },
  "http-api": {
    version: "2.0",
    rawPath: "/prod/my/path",
    headers: { "content-type": "application/json" },
    requestContext: {
      domainName: "id.execute-api.us-east-1.amazonaws.com",
      http: { method: "POST" },
      stage: "prod",
    },
    body: "{}",
  },
  "rest-api": {
    resource: "/{proxy+}",
    path: "/my/path",
    httpMethod: "post",
    headers: { "Content-Type": "application/json" },
    multiValueHeaders: { "Content-Type": ["application/json"] },
    requestContext: { stage: "prod", path: "/prod/my/path", httpMethod: "POST" },
    body: "{}",
  },
  alb: {
    requestContext: { elb: { targetGroupArn: "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/a/b" } },
    httpMethod: "POST",
    path: "/my/path",
    headers: { "content-type": "application/json" },
    body: "{}",
    isBase64Encoded: false,
  },
  "alb-multi-value": {
    requestContext: { elb: {} },
    httpMethod: "POST",
    path: "/my/path",
    multiValueHeaders: { "content-type": ["text/plain", "application/json"] },
    body: "{}",
  },
};

test.each(Object.entries(EVENTS))("%s", (trigger, event) => {
  const request = readHttpEvent(event);
  expect(request).toMatchObject({ trigger, method: "POST", path: "/my/path" });
  expect(request.header("content-type")).toBe("application/json");
  expect(request.body.toString()).toBe("{}");
});

test("what is missing or odd has a default", () => {
  const bare = readHttpEvent({
    body: null,
    headers: null,
    requestContext: null,
    path: 5,
    multiValueHeaders: { a: 1 },
  });
  expect(bare).toMatchObject({ trigger: "rest-api", method: "POST", path: "/" });
  expect(bare.body).toHaveLength(0);
  expect(
    readHttpEvent({ version: "2.0", rawPath: "/prod/", requestContext: { http: {}, stage: "prod" } }).path,
  ).toBe("/");
});

test("a path of slashes takes no longer than it has to", () => {
  const started = performance.now();
  const slashes = "/".repeat(1_000_000);
  const at = (rawPath: string) => readHttpEvent({ ...EVENTS["function-url"], rawPath }).path;
  expect(at(slashes)).toBe("/");
  expect(at(`${slashes}a`)).toHaveLength(1_000_001);
  expect(performance.now() - started).toBeLessThan(2000);
});
