import { createServer, type ServerResponse } from "node:http";

const CHUNK = Buffer.alloc(65_536);

/** What a bucket may do to who reads an object, by the end of its key. */
const MISBEHAVIOUR: Readonly<Record<string, (response: ServerResponse) => void>> = {
  endless: (response) => {
    const more = () => {
      while (response.write(CHUNK));
      response.once("drain", more);
    };
    more();
  },
  silent: () => {},
  slow: (response) => {
    const timer = setInterval(() => response.write("a"), 1000);
    response.once("close", () => clearInterval(timer));
  },
  huge: (response) => response.writeHead(200, { "Content-Length": 5 * 2 ** 30 }).write(CHUNK),
  elsewhere: (response) => response.writeHead(307, { Location: "/pictures/elsewhere" }).end(),
};

/** A server that answers as S3 does not. */
export async function hostileBucket(port: number): Promise<void> {
  const server = createServer((request, response) => {
    const name = request.url?.split(/[/?]/).find((part) => Object.hasOwn(MISBEHAVIOUR, part)) ?? "";
    const misbehave = MISBEHAVIOUR[name];
    if (misbehave) misbehave(response);
    else response.writeHead(404).end("<Error><Code>NoSuchKey</Code></Error>");
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
}
