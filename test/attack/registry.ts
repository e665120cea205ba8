import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface SilentRegistry extends AsyncDisposable {
  readonly url: string;
  /** Resolves when somebody begins to push. */
  readonly pushed: Promise<void>;
}

/** A stand-in of ECR that hands out this password and never answers who then pushes. */
export async function silentRegistry(password: string): Promise<SilentRegistry> {
  const { promise: pushed, resolve } = Promise.withResolvers<void>();
  let url = "";
  const repository = () => ({
    repositoryName: "a",
    registryId: "123456789012",
    repositoryUri: `${url.slice("http://".length)}/a`,
  });
  const answers: Readonly<Record<string, () => object>> = {
    GetAuthorizationToken: () => ({
      authorizationData: [
        {
          authorizationToken: Buffer.from(`AWS:${password}`).toString("base64"),
          expiresAt: Date.now() / 1000 + 3600,
          proxyEndpoint: url,
        },
      ],
    }),
    DescribeRepositories: () => ({ repositories: [repository()] }),
    CreateRepository: () => ({ repository: repository() }),
    InitiateLayerUpload: () => ({ uploadId: "1", partSize: 1 }),
    DescribeImages: () => ({ __type: "ImageNotFoundException" }),
  };
  const server = createServer((request, response) => {
    const [, action = ""] = String(request.headers["x-amz-target"]).split(".");
    const answer = answers[action]?.();
    if (!answer) return resolve();
    const type = { "Content-Type": "application/x-amz-json-1.1" };
    response.writeHead("__type" in answer ? 400 : 200, type).end(JSON.stringify(answer));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    pushed,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
