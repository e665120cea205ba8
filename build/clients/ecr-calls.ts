import * as sdk from "@aws-sdk/client-ecr";
import { awsFault, isNamed } from "./aws-errors.ts";
import { awsSettings, callSignal } from "./aws-settings.ts";
import type { EcrRegistry } from "./ecr-repository.ts";

export type Send<T> = (client: sdk.ECRClient, options: { abortSignal: AbortSignal }) => Promise<T>;

/** Calls to one registry of ECR, with the SDK's default chain of credentials. */
export class EcrCalls {
  readonly #client: sdk.ECRClient;
  readonly #signal: AbortSignal;
  /** Of another account's registry. */
  protected readonly registryId: string | undefined;

  /** @param registry the one to work on; the credentials' own account and region without it */
  constructor(signal: AbortSignal, registry?: EcrRegistry, env: NodeJS.ProcessEnv = process.env) {
    this.#client = new sdk.ECRClient({ ...awsSettings(env), ...(registry && { region: registry.region }) });
    this.#signal = signal;
    this.registryId = registry?.account;
  }

  protected get client(): sdk.ECRClient {
    return this.#client;
  }

  /** The region that is asked. @throws UserError (exit 3) when none is set */
  region(): Promise<string> {
    return this.call("DescribeRepositories", (client) => client.config.region());
  }

  protected named(repositoryName: string) {
    return { registryId: this.registryId, repositoryName };
  }

  /** @throws UserError (exit 3) that says which credential or permission is lacking */
  protected async call<T>(action: string, send: Send<T>, hint?: string): Promise<T> {
    try {
      return await send(this.#client, { abortSignal: callSignal(this.#signal) });
    } catch (error) {
      this.#signal.throwIfAborted();
      throw awsFault(error, { action: `ecr:${action}`, hint });
    }
  }

  /** The same, with undefined for what is not there. */
  protected async find<T>(action: string, send: Send<T>): Promise<T | undefined> {
    try {
      return await this.call(action, send);
    } catch (error) {
      if (isNamed(error, `${action.replace("Get", "")}NotFoundException`)) return undefined;
      throw error;
    }
  }
}
