import { z } from "zod";
import { defineKind, type Kind, wrong } from "./check.ts";

/** Short, and the same every time: an emulated machine writes slowly. */
const SHORT = { max_new_tokens: 12, do_sample: false };

interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

const isChat = (inputs: unknown): boolean =>
  Array.isArray(inputs) && !inputs.some((each) => typeof each === "string" || Array.isArray(each));

/** What goes on with a text, with the text before it where that is asked for, as it usually is. */
export const continuations = defineKind<string | ChatMessage[], { generated_text: string }[]>({
  usual: { inputs: "Hello, my name is", parameters: SHORT },
  isOne: (inputs) => !Array.isArray(inputs) || isChat(inputs),
  shape: z.array(z.object({ generated_text: z.string() })).length(1),
  words: "a list of one generated_text",
  sane([{ generated_text: text } = { generated_text: "" }], { input, parameters, compared }) {
    const full = parameters["return_full_text"] ?? typeof input === "string";
    if (full && typeof input === "string" && !text.startsWith(input))
      throw wrong("generated_text does not begin with the text that it is to go on with");
    const written = full && typeof input === "string" ? text.slice(input.length) : text;
    if (written === "" && !compared) throw wrong("Nothing was written");
  },
});

/** Another text, under a name of its own. */
export const rewritings = (field: string, inputs: string): Kind =>
  defineKind<string, Record<string, string>>({
    usual: { inputs, parameters: SHORT },
    wraps: true,
    shape: z.object({ [field]: z.string() }),
    words: `a list of one ${field} for each text`,
    sane(answer, { compared }) {
      if (answer[field] === "" && !compared) throw wrong(`${field} is empty`);
    },
  });
