import * as sdk from "@aws-sdk/client-iam";
import { awsSettings, callSignal } from "./aws-settings.ts";

/** A role of the credentials' account. */
export interface Role {
  readonly arn: string;
  /** Its trust policy, as JSON. */
  readonly trustPolicy: string;
}

/** Milliseconds that IAM has for an answer: networks that reach Lambda alone do not answer at all. */
const ANSWER_TIME = 5000;

/** IAM with the SDK's default chain of credentials. */
export class Iam {
  readonly #client: sdk.IAMClient;
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#client = new sdk.IAMClient(awsSettings());
    this.#signal = signal;
  }

  /**
   * A role by its name without path: undefined when the account has none of this name, "hidden" when it cannot be read, since
   * the credentials lack `iam:GetRole` or IAM does not answer.
   */
  async findRole(name: string): Promise<Role | "hidden" | undefined> {
    try {
      const { Role: found } = await this.#client.send(new sdk.GetRoleCommand({ RoleName: name }), {
        abortSignal: callSignal(this.#signal, ANSWER_TIME),
      });
      return {
        arn: found?.Arn ?? "",
        trustPolicy: decodeURIComponent(found?.AssumeRolePolicyDocument ?? ""),
      };
    } catch (error) {
      this.#signal.throwIfAborted();
      return error instanceof sdk.NoSuchEntityException ? undefined : "hidden";
    }
  }
}
