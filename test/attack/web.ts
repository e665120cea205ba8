import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { execa } from "execa";

/** A web server with one file, and a certificate for `localhost` in the given folder. */
export interface WebServer extends AsyncDisposable {
  readonly url: string;
  readonly sha256: string;
  readonly certificate: string;
}

export async function serveFile(content: Buffer, folder: string): Promise<WebServer> {
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const kind = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"];
  const names = ["-addext", "subjectAltName=DNS:localhost"];
  await execa("openssl", ["req", ...kind, ...names, "-keyout", key, "-out", certificate]);
  const tls = { key: await readFile(key), cert: await readFile(certificate) };
  const server = createServer(tls, (request, response) => {
    const found = request.url?.startsWith("/file");
    response.writeHead(found ? 200 : 403).end(found ? content : `no ${request.url}`);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    sha256: createHash("sha256").update(content).digest("hex"),
    certificate,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
