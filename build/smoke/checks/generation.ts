import { z } from "zod";
import { checkError, defineCheck, type TaskCheck } from "./check.ts";

/** Short, and the same every time: an emulated machine writes slowly. */
const SHORT = { max_new_tokens: 12, do_sample: false };

interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

const isChat = (inputs: unknown): boolean =>
  Array.isArray(inputs) && !inputs.some((each) => typeof each === "string" || Array.isArray(each));

/** What goes on with a text, with the text before it where that is asked for, as it usually is. */
export const textGeneration = defineCheck<string | ChatMessage[], { generated_text: string }[]>({
  defaultSample: { inputs: "Hello, my name is", parameters: SHORT },
  example: {
    parameters: SHORT,
    answer: [{ generated_text: "Hello, my name is John and I am a student at the University of" }],
  },
  isSingle: (inputs) => !Array.isArray(inputs) || isChat(inputs),
  shape: z.array(z.object({ generated_text: z.string() })).length(1),
  description: "a list of one generated_text",
  validate([{ generated_text: text } = { generated_text: "" }], { input, parameters, compared }) {
    const full = parameters["return_full_text"] ?? typeof input === "string";
    if (full && typeof input === "string" && !text.startsWith(input))
      throw checkError("generated_text does not begin with the text that it is to go on with");
    const written = full && typeof input === "string" ? text.slice(input.length) : text;
    if (written === "" && !compared) throw checkError("Nothing was written");
  },
});

/** Another text, under a name of its own. */
export const textToText = (field: string, inputs: string, written: string): TaskCheck =>
  defineCheck<string, Record<string, string>>({
    defaultSample: { inputs, parameters: SHORT },
    example: { answer: { [field]: written } },
    alwaysList: true,
    shape: z.object({ [field]: z.string() }),
    description: `a list of one ${field} for each text`,
    validate(answer, { compared }) {
      if (answer[field] === "" && !compared) throw checkError(`${field} is empty`);
    },
  });
