// The usual image's handler, answering one event as the Lambda runtime client would have it.
import { answerOne } from "./answer-one.mjs";

const { handler } = await import(`${process.cwd()}/app.mjs`);
await answerOne(handler);
