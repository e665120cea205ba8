// Answers in pieces: as many as the event asks for, and with an error before the one that it names.
export async function* pieces({ count, failsAt }) {
  for (let i = 0; i < count; i++) {
    if (i === failsAt) throw new RangeError(`no piece ${i}`);
    yield `${i}é;`;
  }
}

export const handler = globalThis.awslambda?.streamifyResponse(async (event, out) => {
  out.setContentType("text/plain");
  for await (const piece of pieces(event)) out.write(piece);
  out.end();
});
