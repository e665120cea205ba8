import { UserError } from "../errors.ts";

interface Fault {
  /** Against `<name>: <message>` of Lambda's error. */
  readonly pattern: RegExp;
  readonly problem: string;
  readonly remedy: string;
}

/** What Lambda refuses for a reason that a user can mend; the first match rules. */
const FAULTS: readonly Fault[] = [
  {
    pattern: /cannot be assumed by Lambda/,
    problem: "Lambda cannot assume the execution role",
    remedy:
      "Check that the role exists and that its trust policy allows sts:AssumeRole to lambda.amazonaws.com. A role that was just made may take some seconds.",
  },
  {
    pattern: /Cross-account pass role/i,
    problem: "The execution role is of another account",
    remedy:
      "A function and its role are of one account: check `deploy.role` in mkimage.json, --role, and the credentials.",
  },
  {
    pattern: /execution role does not have permissions/,
    problem: "The execution role lacks a permission",
    remedy:
      "Add it to a policy of the role: a function in a VPC needs AWSLambdaVPCAccessExecutionRole, a dead letter queue sqs:SendMessage or sns:Publish.",
  },
  {
    pattern: /^InvalidParameterValueException: The role with name /,
    problem: "The execution role does not exist",
    remedy: "Check `deploy.role` in mkimage.json, or --role, and the account of the credentials.",
  },
  {
    pattern: /does not have permission to access the (?:provided code artifact|ECR image)/,
    problem: "Lambda may not read the image",
    remedy:
      "The repository is of another account or has a policy: allow ecr:BatchGetImage and ecr:GetDownloadUrlForLayer to lambda.amazonaws.com in the repository's policy.",
  },
  {
    pattern: /^InvalidParameterValueException: Source image /,
    problem: "Lambda does not find the image",
    remedy: "Push it to the function's own region first: `mkimage push`.",
  },
  {
    pattern: /image manifest, config or layer media type|UnsupportedImageLayer/,
    problem: "Lambda does not take the form of the image",
    remedy: "It takes one image by its own digest, and no index: push it with `mkimage push`.",
  },
  {
    pattern: /^CodeStorageExceeded/,
    problem: "The account's code storage is full",
    remedy: "`mkimage clean --keep 3` removes old versions; or raise the quota for code storage.",
  },
  {
    pattern: /emorySize' failed to satisfy constraint/,
    problem: "The account may not have a function of this memory",
    remedy:
      "Some accounts have 3008 MB at most: set a smaller `memory` in mkimage.json, or ask AWS for more.",
  },
  {
    pattern: /UnreservedConcurrentExecution/,
    problem: "The account has not that much concurrency to reserve",
    remedy:
      "Set a smaller `concurrency.reserved` in mkimage.json, or raise the quota for concurrent executions.",
  },
  {
    pattern: /^ServiceQuotaExceeded|^LimitExceeded|LimitExceededException:/,
    problem: "A quota of the account is reached",
    remedy:
      "`mkimage clean --keep 3` removes old versions; quotas are raised in the console of Service Quotas.",
  },
  {
    pattern: /^PreconditionFailed/,
    problem: "The function or its alias was changed by someone else meanwhile",
    remedy: "Run the command again: it starts from what is there now.",
  },
  {
    pattern: /^TooManyRequests/,
    problem: "Lambda is throttling",
    remedy: "Wait a little and run the command again: it goes on where this one ended.",
  },
];

/** Lambda's own refusal as an error that says what to do; undefined for other errors. */
export function lambdaFault(error: unknown): UserError | undefined {
  if (!(error instanceof Error)) return undefined;
  const text = `${error.name}: ${error.message}`.slice(0, 4000);
  const fault = FAULTS.find(({ pattern }) => pattern.test(text));
  return (
    fault &&
    new UserError(`${fault.problem}: ${error.message}`, {
      reason: "environment",
      hint: fault.remedy,
      cause: error,
    })
  );
}
