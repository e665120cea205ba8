import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { onTestFinished } from "vitest";

/** ECR's answer to an operation: a record, or an error in the form of its JSON 1.1 protocol. */
export type Answer = object | { readonly __type: string; readonly Message: string };

/** Answers by operation; a function sees the request. An operation without an answer is denied, as IAM denies it. */
export type Answers = Readonly<Record<string, Answer | ((request: unknown) => Answer)>>;

/** What IAM says when no policy allows an action. */
export const denied = (action: string, resource = "*"): Answer => ({
  __type: "AccessDeniedException",
  Message:
    `User: arn:aws:iam::123456789012:user/ci is not authorized to perform: ecr:${action} on resource: ${resource} ` +
    `because no identity-based policy allows the ecr:${action} action`,
});

/** The address of a server that answers as ECR does, and the operations it was asked for. It ends with the test. */
export async function fakeEcr(answers: Answers): Promise<{ endpoint: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const operation = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
    asked.push(operation);
    const body = await json(request);
    const found = answers[operation] ?? denied(operation);
    const answer = typeof found === "function" ? found(body) : found;
    response.writeHead("__type" in answer ? 400 : 200, { "content-type": "application/x-amz-json-1.1" });
    response.end(JSON.stringify(answer));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  server.unref();
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** A repository as ECR describes it. */
export const repositoryRecord = (repositoryName: string, rest: object = {}) => ({
  registryId: "123456789012",
  repositoryName,
  repositoryUri: `123456789012.dkr.ecr.eu-west-1.amazonaws.com/${repositoryName}`,
  imageTagMutability: "MUTABLE" as const,
  ...rest,
});
