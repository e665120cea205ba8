import { expect, test } from "vitest";
import { lambdaFault } from "../../../../build/clients/lambda-errors.ts";

/** What Lambda says, as its SDK throws it, and what of it is made. */
const CASES = [
  [
    "InvalidParameterValueException",
    "The role defined for the function cannot be assumed by Lambda.",
    "Lambda cannot assume the execution role",
    "sts:AssumeRole",
  ],
  [
    "InvalidParameterValueException",
    "The role with name nobody cannot be found. (Service: IAM, Status Code: 404)",
    "The execution role does not exist",
    "--role",
  ],
  [
    "AccessDeniedException",
    "Lambda does not have permission to access the ECR image. Check the ECR permissions.",
    "Lambda may not read the image",
    "ecr:BatchGetImage",
  ],
  [
    "InvalidParameterValueException",
    "Source image 1.dkr.ecr.eu-west-1.amazonaws.com/x@sha256:1 does not exist. Provide a valid source image.",
    "Lambda does not find the image",
    "mkimage push",
  ],
  [
    "InvalidParameterValueException",
    "The image manifest, config or layer media type for the source image x is not supported.",
    "Lambda does not take the form of the image",
    "no index",
  ],
  [
    "AccessDeniedException",
    "Cross-account pass role is not allowed.",
    "The execution role is of another account",
    "--role",
  ],
  [
    "InvalidParameterValueException",
    "The provided execution role does not have permissions to call CreateNetworkInterface on EC2",
    "The execution role lacks a permission",
    "AWSLambdaVPCAccessExecutionRole",
  ],
  [
    "ValidationException",
    "1 validation error detected: Value '10240' at 'memorySize' failed to satisfy constraint: Member must have value less than or equal to 3008",
    "may not have a function of this memory",
    "3008 MB",
  ],
  [
    "InvalidParameterValueException",
    "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
    "not that much concurrency",
    "concurrency.reserved",
  ],
  [
    "FunctionVersionsPerCapacityProviderLimitExceededException",
    "The maximum number of function versions has been reached",
    "A quota of the account is reached",
    "mkimage clean",
  ],
  ["CodeStorageExceededException", "Code storage limit exceeded.", "code storage is full", "mkimage clean"],
  [
    "PreconditionFailedException",
    "The RevisionId provided does not match",
    "changed by someone else",
    "again",
  ],
  ["TooManyRequestsException", "Rate exceeded", "Lambda is throttling", "goes on"],
] as const;

test.each(CASES)("%s: %s", (name, message, problem, remedy) => {
  const cause = Object.assign(new Error(message), { name });
  const fault = lambdaFault(cause);
  expect(fault).toMatchObject({ exitCode: 3, cause });
  expect(fault?.message).toContain(problem);
  expect(fault?.message).toContain(message);
  expect(fault?.hint).toContain(remedy);
});

test("what is nothing of Lambda's own is left to others", () => {
  expect(lambdaFault(Object.assign(new Error("no"), { name: "ExpiredTokenException" }))).toBeUndefined();
  expect(lambdaFault("text")).toBeUndefined();
});
