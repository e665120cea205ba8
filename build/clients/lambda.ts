import * as sdk from "@aws-sdk/client-lambda";
import { awsFault, isNamed } from "./aws-errors.ts";
import { awsSettings, callSignal } from "./aws-settings.ts";
import { lambdaFault } from "./lambda-errors.ts";

export type FunctionConfiguration = sdk.FunctionConfiguration;
export type Alias = sdk.AliasConfiguration;
export type ConfigurationInput = Omit<sdk.UpdateFunctionConfigurationCommandInput, "FunctionName">;

/** A function, or one of its versions, as Lambda has it. */
export interface LambdaFunction {
  readonly configuration: FunctionConfiguration;
  /** Reference of its image by digest; undefined for one that has no image. */
  readonly image: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** Reserved concurrency. */
  readonly reserved: number | undefined;
}

/** Lambda takes 15 calls a second of an account that change or read functions: a busy one throttles for seconds. */
const ATTEMPTS = 7;

const NOT_FOUND = ["ResourceNotFoundException", "ProvisionedConcurrencyConfigNotFoundException"];

type Send<T> = (client: sdk.LambdaClient, options: { abortSignal: AbortSignal }) => Promise<T>;

export interface Invocation {
  /** What the function returned, as text. */
  readonly body: string;
  /** Set when the function failed: `Unhandled`. */
  readonly error: string | undefined;
  readonly milliseconds: number;
  /** The end of its log. */
  readonly log: string;
}

/**
 * AWS Lambda with the SDK's default chain of credentials; region and endpoint from the environment or the profile. Every
 * method throws a UserError that says which credential or permission is lacking, or what Lambda refuses.
 */
export class Lambda {
  readonly #client: sdk.LambdaClient;
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal, env: NodeJS.ProcessEnv = process.env) {
    this.#client = new sdk.LambdaClient({ ...awsSettings(env), maxAttempts: ATTEMPTS });
    this.#signal = signal;
  }

  async #call<T>(action: string, call: Send<T>, milliseconds?: number): Promise<T> {
    try {
      return await call(this.#client, { abortSignal: callSignal(this.#signal, milliseconds) });
    } catch (error) {
      this.#signal.throwIfAborted();
      throw lambdaFault(error) ?? awsFault(error, { action: `lambda:${action}` });
    }
  }

  /** The same, with undefined for what is not there. */
  async #find<T>(action: string, call: Send<T>): Promise<T | undefined> {
    try {
      return await this.#call(action, call);
    } catch (error) {
      if (NOT_FOUND.some((name) => isNamed(error, name))) return undefined;
      throw error;
    }
  }

  /** The function, or the version or alias of it that `qualifier` names; undefined when it is not there. */
  async findFunction(name: string, qualifier?: string): Promise<LambdaFunction | undefined> {
    const found = await this.#find("GetFunction", (client, options) =>
      client.send(new sdk.GetFunctionCommand({ FunctionName: name, Qualifier: qualifier }), options),
    );
    return (
      found?.Configuration && {
        configuration: found.Configuration,
        image: found.Code?.ResolvedImageUri ?? found.Code?.ImageUri,
        tags: found.Tags ?? {},
        reserved: found.Concurrency?.ReservedConcurrentExecutions,
      }
    );
  }

  /** The region that is asked. @throws UserError (exit 3) when none is set */
  async region(): Promise<string> {
    return this.#call("GetFunction", (client) => client.config.region());
  }

  /**
   * Concurrent executions of the account in the region: all, and those that no function has reserved. Undefined where these
   * credentials may not ask.
   */
  async concurrency(): Promise<{ readonly all: number; readonly unreserved: number } | undefined> {
    const command = new sdk.GetAccountSettingsCommand({});
    try {
      const { AccountLimit = {} } = await this.#call("GetAccountSettings", (client, options) =>
        client.send(command, options),
      );
      const { ConcurrentExecutions: all, UnreservedConcurrentExecutions: unreserved } = AccountLimit;
      return all === undefined || unreserved === undefined ? undefined : { all, unreserved };
    } catch (error) {
      if (isNamed(error, "AccessDeniedException")) return undefined;
      throw error;
    }
  }

  /** Every function of the account in the region, without tags. */
  async *listFunctions(): AsyncGenerator<FunctionConfiguration> {
    let marker: string | undefined;
    do {
      const command = new sdk.ListFunctionsCommand({ Marker: marker });
      const page = await this.#call("ListFunctions", (client, options) => client.send(command, options));
      yield* page.Functions ?? [];
      marker = page.NextMarker;
    } while (marker);
  }

  /** Removes a function with all its versions; one that is not there is none to remove. */
  async deleteFunction(name: string): Promise<void> {
    const command = new sdk.DeleteFunctionCommand({ FunctionName: name });
    await this.#find("DeleteFunction", (client, options) => client.send(command, options));
  }

  /** State, code and settings; without what GetFunction has beside them. */
  async configuration(name: string, qualifier?: string): Promise<FunctionConfiguration> {
    const command = new sdk.GetFunctionConfigurationCommand({ FunctionName: name, Qualifier: qualifier });
    return this.#call("GetFunctionConfiguration", (client, options) => client.send(command, options));
  }

  async createFunction(input: sdk.CreateFunctionCommandInput): Promise<FunctionConfiguration> {
    const command = new sdk.CreateFunctionCommand(input);
    return this.#call("CreateFunction", (client, options) => client.send(command, options));
  }

  async updateCode(input: sdk.UpdateFunctionCodeCommandInput): Promise<FunctionConfiguration> {
    const command = new sdk.UpdateFunctionCodeCommand(input);
    return this.#call("UpdateFunctionCode", (client, options) => client.send(command, options));
  }

  async updateConfiguration(
    input: sdk.UpdateFunctionConfigurationCommandInput,
  ): Promise<FunctionConfiguration> {
    const command = new sdk.UpdateFunctionConfigurationCommand(input);
    return this.#call("UpdateFunctionConfiguration", (client, options) => client.send(command, options));
  }

  /** A version of what the function is now; Lambda gives the latest one again when nothing has changed since. */
  async publishVersion(input: sdk.PublishVersionCommandInput): Promise<FunctionConfiguration> {
    const command = new sdk.PublishVersionCommand(input);
    return this.#call("PublishVersion", (client, options) => client.send(command, options));
  }

  /** Published versions, oldest first, without $LATEST. */
  async listVersions(name: string): Promise<FunctionConfiguration[]> {
    const versions: FunctionConfiguration[] = [];
    let marker: string | undefined;
    do {
      const command = new sdk.ListVersionsByFunctionCommand({ FunctionName: name, Marker: marker });
      const page = await this.#call("ListVersionsByFunction", (client, options) =>
        client.send(command, options),
      );
      versions.push(...(page.Versions ?? []));
      marker = page.NextMarker;
    } while (marker);
    return versions
      .filter(({ Version }) => Version !== "$LATEST")
      .sort((a, b) => Number(a.Version) - Number(b.Version));
  }

  async findAlias(name: string, alias: string): Promise<Alias | undefined> {
    const command = new sdk.GetAliasCommand({ FunctionName: name, Name: alias });
    return this.#find("GetAlias", (client, options) => client.send(command, options));
  }

  async listAliases(name: string): Promise<Alias[]> {
    const aliases: Alias[] = [];
    let marker: string | undefined;
    do {
      const command = new sdk.ListAliasesCommand({ FunctionName: name, Marker: marker });
      const page = await this.#call("ListAliases", (client, options) => client.send(command, options));
      aliases.push(...(page.Aliases ?? []));
      marker = page.NextMarker;
    } while (marker);
    return aliases;
  }

  /** Removes one published version. Lambda refuses it for a version that an alias has. */
  async deleteVersion(name: string, version: string): Promise<void> {
    const command = new sdk.DeleteFunctionCommand({ FunctionName: name, Qualifier: version });
    await this.#call("DeleteFunction", (client, options) => client.send(command, options));
  }

  async createAlias(input: sdk.CreateAliasCommandInput): Promise<Alias> {
    const command = new sdk.CreateAliasCommand(input);
    return this.#call("CreateAlias", (client, options) => client.send(command, options));
  }

  async updateAlias(input: sdk.UpdateAliasCommandInput): Promise<Alias> {
    const command = new sdk.UpdateAliasCommand(input);
    return this.#call("UpdateAlias", (client, options) => client.send(command, options));
  }

  /** The URL of an alias; undefined when it has none. */
  async findUrl(name: string, alias: string): Promise<sdk.FunctionUrlConfig | undefined> {
    const command = new sdk.GetFunctionUrlConfigCommand({ FunctionName: name, Qualifier: alias });
    const found = await this.#find("GetFunctionUrlConfig", (client, options) =>
      client.send(command, options),
    );
    return found as sdk.FunctionUrlConfig | undefined;
  }

  async createUrl(input: sdk.CreateFunctionUrlConfigCommandInput) {
    const command = new sdk.CreateFunctionUrlConfigCommand(input);
    return this.#call("CreateFunctionUrlConfig", (client, options) => client.send(command, options));
  }

  async updateUrl(input: sdk.UpdateFunctionUrlConfigCommandInput) {
    const command = new sdk.UpdateFunctionUrlConfigCommand(input);
    return this.#call("UpdateFunctionUrlConfig", (client, options) => client.send(command, options));
  }

  /** The resource policy of an alias as JSON; undefined when it has none. */
  async findPolicy(name: string, alias: string): Promise<string | undefined> {
    const command = new sdk.GetPolicyCommand({ FunctionName: name, Qualifier: alias });
    const found = await this.#find("GetPolicy", (client, options) => client.send(command, options));
    return found?.Policy;
  }

  async addPermission(input: sdk.AddPermissionCommandInput): Promise<void> {
    const command = new sdk.AddPermissionCommand(input);
    await this.#call("AddPermission", (client, options) => client.send(command, options));
  }

  async removePermission(input: sdk.RemovePermissionCommandInput): Promise<void> {
    const command = new sdk.RemovePermissionCommand(input);
    await this.#call("RemovePermission", (client, options) => client.send(command, options));
  }

  /** Sets tags; others stay. */
  async tag(arn: string, tags: Readonly<Record<string, string>>): Promise<void> {
    const command = new sdk.TagResourceCommand({ Resource: arn, Tags: { ...tags } });
    await this.#call("TagResource", (client, options) => client.send(command, options));
  }

  /** Sets the reserved concurrency of a function. */
  async reserve(name: string, count: number): Promise<void> {
    const input = { FunctionName: name, ReservedConcurrentExecutions: count };
    const command = new sdk.PutFunctionConcurrencyCommand(input);
    await this.#call("PutFunctionConcurrency", (client, options) => client.send(command, options));
  }

  /** The provisioned concurrency that an alias is to have; undefined when it has none. */
  async findProvisioned(name: string, alias: string): Promise<number | undefined> {
    const command = new sdk.GetProvisionedConcurrencyConfigCommand({ FunctionName: name, Qualifier: alias });
    const found = await this.#find("GetProvisionedConcurrencyConfig", (client, options) =>
      client.send(command, options),
    );
    return found?.RequestedProvisionedConcurrentExecutions;
  }

  /** Sets the provisioned concurrency of an alias, which Lambda then works on for minutes. */
  async provision(name: string, alias: string, count: number): Promise<void> {
    const input = { FunctionName: name, Qualifier: alias, ProvisionedConcurrentExecutions: count };
    const command = new sdk.PutProvisionedConcurrencyConfigCommand(input);
    await this.#call("PutProvisionedConcurrencyConfig", (client, options) => client.send(command, options));
  }

  /** Has a version answer one event (a JSON text), and waits as long as the function may take. */
  async invoke(
    name: string,
    {
      qualifier,
      event,
      seconds,
    }: { readonly qualifier: string; readonly event: string; readonly seconds: number },
  ): Promise<Invocation> {
    const command = new sdk.InvokeCommand({
      FunctionName: name,
      Qualifier: qualifier,
      Payload: Buffer.from(event),
      LogType: "Tail",
    });
    const start = performance.now();
    const reply = await this.#call(
      "InvokeFunction",
      (client, options) => client.send(command, options),
      (seconds + 60) * 1000,
    );
    return {
      body: Buffer.from(reply.Payload ?? []).toString("utf8"),
      error: reply.FunctionError,
      milliseconds: performance.now() - start,
      log: Buffer.from(reply.LogResult ?? "", "base64").toString("utf8"),
    };
  }
}
