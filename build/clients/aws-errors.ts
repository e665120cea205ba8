import { UserError } from "../errors.ts";
import { TRUST, UNTRUSTED } from "./http.ts";
import { proxyFault, proxyStatus } from "./proxy.ts";

interface Fault {
  /** Against `<name> <code>: <message>` of an SDK error. */
  readonly pattern: RegExp;
  readonly problem: string;
  readonly remedy: string;
}

/** What the AWS SDK says when account or network, not the input, is at fault; the first match rules. */
const FAULTS: readonly Fault[] = [
  {
    pattern: /^(?:Expired|RequestExpired)|session.*has expired|token.*(?:has|is) expired/i,
    problem: "The AWS credentials have expired",
    remedy: "Renew them, for example with `aws sso login`, and run the command again.",
  },
  {
    pattern: /^\w{0,40}(?:Credentials|Token)Provider|^Error \w*: Could not load credentials/,
    problem: "No AWS credentials",
    remedy:
      "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; `aws configure` and `aws sso login` make a profile.",
  },
  {
    pattern:
      /^(?:UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|IncompleteSignature|MissingAuthenticationToken|AuthFailure|InvalidToken)/,
    problem: "AWS does not accept the credentials",
    remedy: "Check the access key, that it belongs to this partition and region, and the machine's clock.",
  },
  {
    pattern: /Region is missing/,
    problem: "No AWS region",
    remedy: "Set AWS_REGION, or `region` in the profile: aws configure set region us-east-1",
  },
  {
    pattern: /Region not accepted/,
    problem: "What is set as the AWS region is none",
    remedy: "Check AWS_REGION, or `region` in the profile: it is written as in us-east-1.",
  },
  {
    pattern: /ERR_INVALID_URL/,
    problem: "What is set as the address of AWS is none",
    remedy: "Write AWS_ENDPOINT_URL as http://127.0.0.1:4566, with its own host and port, or unset it.",
  },
  {
    pattern: /ERR_INVALID_CHAR/,
    problem: "The AWS credentials have a character that cannot be in them, such as a line break",
    remedy: "Set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN again, or the profile.",
  },
  {
    pattern: /HPE_INVALID|Deserialization error/,
    problem: "What answers is not AWS",
    remedy: "Check the network, the proxy, and AWS_ENDPOINT_URL where it is set.",
  },
  {
    pattern:
      /ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE|AbortError|TimeoutError|NetworkingError/,
    problem: "AWS does not answer",
    remedy: "Check the network, the region, and AWS_ENDPOINT_URL where it is set.",
  },
  {
    pattern: UNTRUSTED,
    problem: "The certificate of AWS is not trusted",
    remedy: TRUST,
  },
];

/** As much of what AWS says as is read. */
const READ = 2000;

const DENIED =
  /AccessDenied|UnauthorizedOperation|NotAuthorized|\bdenied:|\b(?:401 Unauthorized|403 Forbidden)|no basic auth|not authorized to perform/i;

/** A registry of ECR refuses an expired token with the words of a permission. */
const EXPIRED_TOKEN = /authorization token has expired/i;

export interface Call {
  /** IAM action of the call, such as `ecr:CreateRepository`. */
  readonly action: string;
  /** What else to do when it is denied: one sentence. */
  readonly hint?: string | undefined;
}

/**
 * The missing permission, or the expired token, that a text of AWS speaks of, as an error with exit code 3; undefined when it
 * speaks of none.
 * The text names action, caller and resource; where it does not, the action of the call stands in.
 */
export function permissionFault(
  whole: string,
  { action, hint }: Call,
  cause?: unknown,
): UserError | undefined {
  const text = whole.slice(0, READ);
  if (EXPIRED_TOKEN.test(text)) {
    return new UserError("The token for the registry has expired", {
      reason: "environment",
      hint: "Run the command again: it gets a new one, and what has arrived is not sent again.",
      cause,
    });
  }
  if (!DENIED.test(text)) return undefined;
  const lacking = /not authorized to perform: ([\w-]{1,64}:\w+)/.exec(text)?.[1] ?? action;
  const caller = /User: (\S+) is not/.exec(text)?.[1] ?? "these credentials";
  const resource = /on resource: (\S+)/.exec(text)?.[1] ?? "*";
  const statement = JSON.stringify({ Effect: "Allow", Action: lacking, Resource: resource });
  const remedy = `Have an IAM policy of it allow that: ${statement}`;
  return new UserError(`AWS denies ${lacking} to ${caller}`, {
    reason: "environment",
    hint: hint ? `${remedy}\n${hint}` : remedy,
    cause,
  });
}

/** Whether an error, or what it was made from, is the named one of the SDK. */
export const isNamed = (error: unknown, name: string): boolean =>
  error instanceof Error && (error.name === name || isNamed(error.cause, name));

/**
 * An error of the AWS SDK as one with exit code 3 that says which credential or permission is lacking, or what else AWS
 * refuses; an error that is not the SDK's own comes back as it is.
 */
export function awsFault(error: unknown, call: Call): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, code = "", $fault } = error as Error & { code?: string; $fault?: string };
  const text = `${name} ${code}: ${message}`.slice(0, READ);
  const refused = proxyStatus(text);
  if (refused) return proxyFault(refused, `call ${call.action}`, error);
  const denied = permissionFault(text, call, error);
  if (denied) return denied;
  const fault = FAULTS.find(({ pattern }) => pattern.test(text));
  if (fault) {
    // Further lines are notes to programmers.
    return new UserError(`${fault.problem}: ${message.split("\n")[0] || code}`, {
      reason: "environment",
      hint: fault.remedy,
      cause: error,
    });
  }
  if (!$fault) return error;
  return new UserError(`AWS refuses ${call.action}: ${name}: ${message}`, {
    reason: "environment",
    cause: error,
  });
}
