import { expect, test } from "vitest";
import { carriesNoRequest } from "../../../../runtime/request/no-request.ts";

const scheduled = {
  version: "0",
  id: "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
  "detail-type": "Scheduled Event",
  source: "aws.events",
  account: "123456789012",
  time: "2015-10-08T16:53:06Z",
  region: "us-east-1",
  resources: ["arn:aws:events:us-east-1:123456789012:rule/my-scheduled-rule"],
  detail: {},
};

test.each([
  { from: "serverless-plugin-warmup", event: { source: "serverless-plugin-warmup" } },
  { from: "lambda-warmer", event: { warmer: true, concurrency: 3 } },
  {
    from: "lambda-warmer, one of several",
    event: {
      warmer: true,
      __WARMER_INVOCATION__: 2,
      __WARMER_CONCURRENCY__: 3,
      __WARMER_CORRELATIONID__: "a",
    },
  },
  { from: "a rule of EventBridge", event: scheduled },
  { from: "a schedule of EventBridge", event: { ...scheduled, source: "aws.scheduler", detail: "{}" } },
  {
    from: "S3 when notifications are set up",
    event: {
      Service: "Amazon S3",
      Event: "s3:TestEvent",
      Time: "2014-10-13T15:57:02.089Z",
      Bucket: "bucket",
    },
  },
])("what $from sends carries no request", ({ event }) => {
  expect(carriesNoRequest(event)).toBe(true);
});

test.each([
  { inputs: "a" },
  { inputs: "a", warmer: true },
  { inputs: "a", source: "serverless-plugin-warmup" },
  { warmer: false },
  { ...scheduled, source: "my.app" },
  { ...scheduled, source: "aws.s3", "detail-type": "Object Created" },
  {},
  [],
  null,
  "serverless-plugin-warmup",
])("%j is for the model to answer or to refuse", (event) => {
  expect(carriesNoRequest(event)).toBe(false);
});
