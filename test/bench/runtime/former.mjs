// The tokenizer that was in the image before, alone: Node, @huggingface/tokenizers and tokenizer.json whole, without a session.
// It answers one event of the Runtime API with the ids of the text.
import { readFileSync } from "node:fs";
import { answerOne } from "./answer-one.mjs";

const { Tokenizer } = await import("/former/dist/tokenizers.min.mjs");
const tokenizer = new Tokenizer(JSON.parse(readFileSync("/models/e5/tokenizer.json", "utf8")), {});
await answerOne(async ({ inputs }) => tokenizer.encode(inputs).ids);
