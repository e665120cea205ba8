import * as sdk from "@aws-sdk/client-ecr";
import { EcrCalls } from "./ecr-calls.ts";

/** What `read` asks for beside the repository's own record, each of which needs a permission of its own. */
export interface Wanted {
  readonly lifecycle: boolean;
  readonly policy: boolean;
  readonly tags: boolean;
}

/** A repository as ECR describes it. */
export interface RepositoryState {
  readonly record: sdk.Repository;
  /** As JSON; undefined where there is none, or it was not asked for. */
  readonly lifecyclePolicy: string | undefined;
  readonly policy: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * Reads and changes the settings of repositories in ECR. Every method throws a UserError (exit 3) that says which credential or
 * permission is lacking.
 */
export class EcrSettings extends EcrCalls {
  /** The settings that a repository has. */
  async read(name: string, wanted: Wanted): Promise<RepositoryState> {
    const { repositories = [] } = await this.call("DescribeRepositories", (client, options) =>
      client.send(
        new sdk.DescribeRepositoriesCommand({ registryId: this.registryId, repositoryNames: [name] }),
        options,
      ),
    );
    const [record = {}] = repositories;
    const lifecycle =
      wanted.lifecycle &&
      (await this.find("GetLifecyclePolicy", (client, options) =>
        client.send(new sdk.GetLifecyclePolicyCommand(this.named(name)), options),
      ));
    const policy =
      wanted.policy &&
      (await this.find("GetRepositoryPolicy", (client, options) =>
        client.send(new sdk.GetRepositoryPolicyCommand(this.named(name)), options),
      ));
    const listed =
      wanted.tags &&
      (await this.call("ListTagsForResource", (client, options) =>
        client.send(new sdk.ListTagsForResourceCommand({ resourceArn: record.repositoryArn }), options),
      ));
    return {
      record,
      lifecyclePolicy: lifecycle ? lifecycle.lifecyclePolicyText : undefined,
      policy: policy ? policy.policyText : undefined,
      tags: Object.fromEntries(
        (listed ? (listed.tags ?? []) : []).map(({ Key = "", Value = "" }) => [Key, Value]),
      ),
    };
  }

  async setMutability(
    name: string,
    settings: Pick<
      sdk.PutImageTagMutabilityCommandInput,
      "imageTagMutability" | "imageTagMutabilityExclusionFilters"
    >,
  ): Promise<void> {
    await this.call("PutImageTagMutability", (client, options) =>
      client.send(new sdk.PutImageTagMutabilityCommand({ ...this.named(name), ...settings }), options),
    );
  }

  async setScanOnPush(name: string, scanOnPush: boolean): Promise<void> {
    const input = { ...this.named(name), imageScanningConfiguration: { scanOnPush } };
    await this.call("PutImageScanningConfiguration", (client, options) =>
      client.send(new sdk.PutImageScanningConfigurationCommand(input), options),
    );
  }

  async setLifecyclePolicy(name: string, lifecyclePolicyText: string): Promise<void> {
    await this.call("PutLifecyclePolicy", (client, options) =>
      client.send(new sdk.PutLifecyclePolicyCommand({ ...this.named(name), lifecyclePolicyText }), options),
    );
  }

  async setPolicy(name: string, policyText: string): Promise<void> {
    await this.call("SetRepositoryPolicy", (client, options) =>
      client.send(new sdk.SetRepositoryPolicyCommand({ ...this.named(name), policyText }), options),
    );
  }

  /** Sets tags; others stay. */
  async tag(resourceArn: string, tags: Readonly<Record<string, string>>): Promise<void> {
    const input = { resourceArn, tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
    await this.call("TagResource", (client, options) =>
      client.send(new sdk.TagResourceCommand(input), options),
    );
  }
}
