import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

/** A registry that gives one image to those who have logged in. */
export interface LoginRegistry extends AsyncDisposable {
  /** `host:port`; engines use plain HTTP with this machine. */
  readonly host: string;
  /** What Docker's settings have after a login. */
  readonly login: { readonly auths: Readonly<Record<string, { readonly auth: string }>> };
}

const USER = Buffer.from("tester:for-this-test").toString("base64");

/**
 * Serves an OCI layout under every name and every tag but `none`: https://github.com/opencontainers/distribution-spec
 * @param layout a folder with one image
 */
export async function loginRegistry(layout: string): Promise<LoginRegistry> {
  const index = JSON.parse(await readFile(join(layout, "index.json"), "utf8"));
  const { digest, mediaType } = index.manifests[0];
  const blob = (name: string) => join(layout, "blobs", name.replace(":", "/"));
  const server = createServer((request, response) => {
    const refuse = (status: number, code: string) =>
      response
        .writeHead(status, { "content-type": "application/json", "www-authenticate": 'Basic realm="test"' })
        .end(JSON.stringify({ errors: [{ code, message: code.toLowerCase().replace("_", " ") }] }));
    if (request.headers.authorization !== `Basic ${USER}`) return refuse(401, "UNAUTHORIZED");
    const [, kind, name = ""] = /\/(manifests|blobs)\/([^/]+)$/.exec(request.url ?? "") ?? [];
    if (!kind) return response.writeHead(200).end();
    if (name === "none") return refuse(404, "MANIFEST_UNKNOWN");
    const wanted = name.startsWith("sha256:") ? name : digest;
    const type = wanted === digest ? mediaType : "application/octet-stream";
    readFile(blob(wanted)).then(
      (content) => {
        response.writeHead(200, {
          "content-type": type,
          "content-length": content.length,
          "docker-content-digest": wanted,
        });
        response.end(request.method === "HEAD" ? undefined : content);
      },
      () => refuse(404, "BLOB_UNKNOWN"),
    );
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    login: { auths: { [host]: { auth: USER } } },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
