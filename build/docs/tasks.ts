import { READS } from "../../models/sample.ts";
import { TASKS, type Task, taskRow } from "../../models/tasks.ts";
import { names } from "../catalog.ts";
import { CHECKS } from "../smoke/checks/index.ts";
import { curlLine } from "../up/curl.ts";
import { GENERATED } from "./generated.ts";

/** A request as JSON, and a reply of the form that a function gives. */
export interface DocumentedCall {
  readonly request: object;
  readonly reply: unknown;
}

/** The documented request and reply of a task. */
export function taskCall(task: Task): DocumentedCall {
  const { example, defaultSample, alwaysList } = CHECKS[task];
  const { inputs = defaultSample.inputs, parameters, answer } = example;
  return { request: { inputs, ...(parameters && { parameters }) }, reply: alwaysList ? [answer] : answer };
}

/** The documented events of a streamed text: the pieces, of which the last one has the whole text. */
export const STREAMED: { readonly request: object; readonly events: readonly object[] } = {
  request: { inputs: "Hello, my name is", parameters: { max_new_tokens: 2 }, stream: true },
  events: [
    {
      index: 1,
      token: { id: 1757, text: " John", logprob: -3.1245, special: false },
      generated_text: null,
      details: null,
    },
    {
      index: 2,
      token: { id: 290, text: " and", logprob: -1.4962, special: false },
      generated_text: " John and",
      details: { finish_reason: "length", generated_tokens: 2, input_length: 5, seed: null },
    },
  ],
};

export const CHAT: DocumentedCall = {
  request: { messages: [{ role: "user", content: "Hello" }], max_tokens: 2 },
  reply: {
    id: "5f0c1b2a9d3e4f60",
    object: "chat.completion",
    created: 1767225600,
    model: "NAME",
    system_fingerprint: "mkimage",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: "Hi there" },
        logprobs: null,
        finish_reason: "length",
      },
    ],
    usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
  },
};

export const HEALTH = {
  status: "ok",
  models: [{ name: "NAME", task: "feature-extraction", default: true, open: true }],
};

export const REFUSED: DocumentedCall = {
  request: { text: "hello" },
  reply: { error: "inputs: missing", field: "inputs" },
};

const fenced = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``;

/** JSON on one line, or with an item of its outermost list or object on each where that is too long for a page. */
function json(value: unknown): string {
  const line = (each: unknown) => JSON.stringify(each, null, 1).replace(/\n */g, " ");
  const whole = line(value);
  if (whole.length <= 110 || typeof value !== "object" || value === null) return whole;
  const isList = Array.isArray(value);
  const rows = Object.entries(value).map(([key, each]) => `  ${isList ? "" : `"${key}": `}${line(each)}`);
  return [isList ? "[" : "{", rows.join(",\n"), isList ? "]" : "}"].join("\n");
}

/** The JSON of a task with pictures and vectors shortened. */
function shown(task: Task, value: unknown): string {
  const { reads, gives } = taskRow(task);
  const text = json(
    reads === "images" ? JSON.parse(JSON.stringify(value, (_, each) => shortened(each))) : value,
  );
  return gives === "vectors" ? text.replace(/ \]$/, ", … ]") : text;
}

const shortened = (value: unknown): unknown =>
  typeof value === "string" && value.length > 60 ? `${value.slice(0, 20)}…` : value;

function section(task: Task): string {
  const { request, reply } = taskCall(task);
  const { reads, generation } = taskRow(task);
  const read = reads === "images" ? "a picture in base64" : READS[reads].words.replace(/\{[^{}]*\}/g, "`$&`");
  const more = [
    `\`inputs\`: ${read}; or a list, which gives a list of replies. Parameters: [parameters.md](parameters.md#${task}).`,
    ...(reads === "images"
      ? [
          "A picture can also be the body itself: [image-classification.md](image-classification.md#requests).",
        ]
      : []),
  ];
  const streamed = [
    'With `"stream": true` the reply is a stream of server-sent events:',
    fenced("json", json(STREAMED.request)),
    fenced("text", STREAMED.events.map((event) => `data: ${JSON.stringify(event)}`).join("\n\n")),
    "A chat is answered in the shape of OpenAI's API:",
    fenced("json", json(CHAT.request)),
    fenced("json", json(CHAT.reply)),
  ];
  return [
    `## ${task}`,
    more.join(" "),
    fenced("json", shown(task, request)),
    fenced("json", shown(task, reply)),
    ...(generation === "continuation" ? streamed : []),
  ].join("\n\n");
}

/** What each task is asked and replies, with a request for `curl`. */
export const taskReference = (): string =>
  [
    GENERATED,
    "# Requests and replies by task",
    "A function takes the first JSON of a section, as the event of a direct invocation or as the body of a POST, and replies with the " +
      "second one. Scores and texts depend on the model. test/integration/smoke-tasks.test.ts sends these requests to a running image and " +
      "compares the form of each reply with the one here. What all tasks have in common: [requests.md](requests.md).",
    fenced("bash", `${curlLine('"$URL"', taskCall("feature-extraction").request)}`),
    ...names(TASKS).map(section),
    "## Health",
    "`GET /`, `/health` and `/ping` reply with the models of the function; `open` says whether a model is in memory. So do events that " +
      "have no request ([events.md](events.md#events)).",
    fenced("json", json(HEALTH)),
    "## Errors",
    "A request that cannot be answered gets a status from 400 on over HTTP. A direct invocation fails, with the same text as `errorMessage`.",
    fenced("json", json(REFUSED.request)),
    fenced("json", json(REFUSED.reply)),
  ].join("\n\n");
