import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { UserError } from "../errors.ts";
import { upTo } from "../files/limits.ts";
import { systemFault } from "../files/system-fault.ts";
import { eventFault } from "../smoke/event-size.ts";
import { LONGEST_EVENT } from "../smoke/limits.ts";
import type { Reply } from "../smoke/sandbox.ts";
import { toEvent, toHttpReply } from "./function-url.ts";

/** A function that answers HTTP requests. */
export interface Cell {
  readonly name: string;
  invoke(event: string): Promise<Reply>;
}

export interface DoorOptions {
  /** All of them, for the page: a browser asks one address alone. */
  readonly cells: readonly Cell[];
  /** Port of this machine; 0 for any that is free. */
  readonly port: number;
  /** The page that a browser gets. */
  readonly page: () => string;
}

/** How long the function took for a request, in milliseconds, measured inside the container. */
const TIME_HEADER = "x-mkimage-milliseconds";

/** Where the page finds the function of another cell. */
const CELLS_PATH = "/@mkimage/cells/";

/** Names that a browser may know this machine by: another site's name that leads here is refused. */
const OWN_NAMES = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;

/** The page loads nothing, and its requests go to where it came from. */
const PAGE_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy":
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
};

/**
 * Whether a page of another site sends it: a browser says so, and asks the reader of that page nothing before it sends a
 * simple request. A page that is served by this machine may call the function.
 */
function isForeign({ origin }: IncomingMessage["headers"]): boolean {
  return origin !== undefined && !(URL.canParse(origin) && OWN_NAMES.test(new URL(origin).host));
}

const isPageRequest = ({ method, url, headers }: IncomingMessage): boolean =>
  method === "GET" && url === "/" && (headers.accept ?? "").includes("text/html");

/** Answers in place of the function. */
const refuse = (response: ServerResponse, status: number, why: string): void =>
  void response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`${why}\n`);

async function answer(request: IncomingMessage, response: ServerResponse, cell: Cell): Promise<void> {
  const limits = { what: "The request", limit: LONGEST_EVENT };
  const event = JSON.stringify(toEvent(request, await buffer(upTo(request, limits))));
  const fault = eventFault(event);
  if (fault) return refuse(response, 413, fault);
  const { body, milliseconds } = await cell.invoke(event);
  const reply = toHttpReply(body);
  response.writeHead(reply.statusCode, { ...reply.headers, [TIME_HEADER]: milliseconds.toFixed(1) });
  response.end(reply.body);
}

/** The cell that a request is for; what comes by the page's path is told to the function as if it had come to the cell itself. */
function route(request: IncomingMessage, own: Cell, cells: readonly Cell[]): Cell | undefined {
  const { url = "/" } = request;
  if (!url.startsWith(CELLS_PATH)) return own;
  const [name = ""] = url.slice(CELLS_PATH.length).split(/[/?]/, 1);
  request.url = url.slice(CELLS_PATH.length + name.length) || "/";
  return cells.find((cell) => encodeURIComponent(cell.name) === name);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((done, fail) => {
    const refuse = (cause: NodeJS.ErrnoException) =>
      fail(
        new UserError(`Cannot listen on port ${port}: ${systemFault(cause)}`, {
          hint: "Choose another one with --port, or leave it out.",
          reason: "environment",
          cause,
        }),
      );
    server.once("error", refuse);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", refuse);
      done();
    });
  });
}

/** An open door: an address of this machine behind which a function answers. */
export interface Door {
  readonly url: string;
  close(): void;
}

/**
 * Opens an address that does for a function what a Function URL does: requests become events, and replies HTTP. A browser
 * that asks for `/` gets the page.
 * @throws UserError (exit 3) for a port that is taken
 */
export async function openDoor(own: Cell, { cells, port, page }: DoorOptions): Promise<Door> {
  const server = createServer((request, response) => {
    if (!OWN_NAMES.test(request.headers.host ?? ""))
      return refuse(response, 421, "Not a name of this machine");
    if (isForeign(request.headers)) return refuse(response, 403, "Not for pages of other sites");
    if (Number(request.headers["content-length"]) > LONGEST_EVENT)
      return refuse(response, 413, `A Function URL takes at most ${LONGEST_EVENT} bytes`);
    if (isPageRequest(request)) return void response.writeHead(200, PAGE_HEADERS).end(page());
    const cell = route(request, own, cells);
    if (!cell) return refuse(response, 404, "No such cell");
    answer(request, response, cell).catch((error: Error) => refuse(response, 502, error.message));
  });
  await listen(server, port);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
