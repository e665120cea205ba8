import * as sdk from "@aws-sdk/client-ecr";
import { isNamed, permissionFault } from "./aws-errors.ts";
import { EcrCalls, type Send } from "./ecr-calls.ts";
import { type EcrRegistry, type EcrRepository, toRepository } from "./ecr-repository.ts";
import type { RegistryLogin } from "./registry-auth.ts";
import type { ImageRegistry, RemoteImage, Repository } from "./repository.ts";

/** An image of a repository, with what a list of all of them says. */
export interface RegistryImage {
  readonly digest: string;
  readonly tags: readonly string[];
  /** Milliseconds since 1970. */
  readonly pushedAt: number;
  /** Bytes, packed. */
  readonly size: number;
  /** Of an artifact about an image: the digest of that image. */
  readonly subject?: string;
}

/** What ECR is told of a repository when it is created. */
export type CreationSettings = Omit<sdk.CreateRepositoryCommandInput, "registryId" | "repositoryName">;

const PUSH_HINT =
  "The managed policy AmazonEC2ContainerRegistryPowerUser has what a push to an existing repository needs.";
const createHint = (name: string) =>
  `Or have the repository created once: aws ecr create-repository --repository-name ${name}`;

/**
 * Amazon ECR with the SDK's default chain of credentials; region and endpoint from the environment or the profile. Every
 * method throws a UserError (exit 3) that says which credential or permission is lacking.
 */
export class Ecr extends EcrCalls implements ImageRegistry {
  /** Where the last call went: the SDK finds the override only then. */
  #endpoint = new URL("https://ecr.amazonaws.com");

  constructor(signal: AbortSignal, registry?: EcrRegistry, env: NodeJS.ProcessEnv = process.env) {
    super(signal, registry, env);
    this.client.middlewareStack.add(
      (next) => (args) => {
        const { protocol, hostname, port } = args.request as {
          protocol: string;
          hostname: string;
          port?: number;
        };
        this.#endpoint = new URL(`${protocol}//${hostname}${port ? `:${port}` : ""}`);
        return next(args);
      },
      { step: "finalizeRequest", name: "endpoint" },
    );
  }

  protected override call<T>(action: string, send: Send<T>, hint = PUSH_HINT): Promise<T> {
    return super.call(action, send, hint);
  }

  /** The repository with this name, or undefined. */
  async findRepository(name: string): Promise<EcrRepository | undefined> {
    const command = new sdk.DescribeRepositoriesCommand({
      registryId: this.registryId,
      repositoryNames: [name],
    });
    try {
      const found = await this.call("DescribeRepositories", (client, options) =>
        client.send(command, options),
      );
      return found.repositories?.[0] && toRepository(found.repositories[0], this.#endpoint);
    } catch (error) {
      if (isNamed(error, "RepositoryNotFoundException")) return undefined;
      throw error;
    }
  }

  /** Creates a repository; one that another process has just created is taken as it is. */
  async createRepository(name: string, settings: CreationSettings): Promise<EcrRepository> {
    const command = new sdk.CreateRepositoryCommand({
      registryId: this.registryId,
      repositoryName: name,
      ...settings,
    });
    const send: Send<sdk.CreateRepositoryCommandOutput> = (client, options) => client.send(command, options);
    try {
      const { repository } = await this.call("CreateRepository", send, createHint(name));
      return toRepository(repository ?? {}, this.#endpoint);
    } catch (error) {
      const found = isNamed(error, "RepositoryAlreadyExistsException") && (await this.findRepository(name));
      if (!found) throw error;
      return found;
    }
  }

  /** Asks for an upload and leaves it unused: ECR forgets it, and has said whether these credentials may push. */
  async checkUpload({ name }: Repository): Promise<void> {
    const command = new sdk.InitiateLayerUploadCommand({
      registryId: this.registryId,
      repositoryName: name,
    });
    await this.call("InitiateLayerUpload", (client, options) => client.send(command, options));
  }

  async #describe(name: string, imageId: sdk.ImageIdentifier): Promise<RemoteImage | undefined> {
    const command = new sdk.DescribeImagesCommand({
      registryId: this.registryId,
      repositoryName: name,
      imageIds: [imageId],
    });
    try {
      const { imageDetails = [] } = await this.call("DescribeImages", (client, options) =>
        client.send(command, options),
      );
      const [image] = imageDetails;
      if (!image?.imageDigest) return undefined;
      return {
        digest: image.imageDigest,
        mediaType: image.imageManifestMediaType,
        artifactType: image.artifactMediaType,
        size: image.imageSizeInBytes,
      };
    } catch (error) {
      if (isNamed(error, "ImageNotFoundException")) return undefined;
      throw error;
    }
  }

  /** What a tag of the repository is now, or undefined. */
  findTag({ name }: Repository, tag: string): Promise<RemoteImage | undefined> {
    return this.#describe(name, { imageTag: tag });
  }

  /** Packed bytes of an image; undefined when it is not there. */
  async findSize({ name }: Repository, digest: string): Promise<number | undefined> {
    return (await this.#describe(name, { imageDigest: digest }))?.size;
  }

  /** All images of a repository. */
  async listImages({ name }: Repository): Promise<RegistryImage[]> {
    const images: RegistryImage[] = [];
    let nextToken: string | undefined;
    do {
      const input = { registryId: this.registryId, repositoryName: name, nextToken };
      const command = new sdk.DescribeImagesCommand(input);
      const page = await this.call("DescribeImages", (client, options) => client.send(command, options));
      for (const {
        imageDigest = "",
        imageTags = [],
        imagePushedAt,
        imageSizeInBytes = 0,
        subjectManifestDigest: subject,
      } of page.imageDetails ?? [])
        images.push({
          digest: imageDigest,
          tags: imageTags,
          pushedAt: imagePushedAt?.getTime() ?? 0,
          size: imageSizeInBytes,
          ...(subject && { subject }),
        });
      nextToken = page.nextToken;
    } while (nextToken);
    return images;
  }

  /** Removes images with all their tags, as many at a time as ECR takes. */
  async deleteImages({ name }: Repository, digests: readonly string[]): Promise<void> {
    for (let at = 0; at < digests.length; at += 100) {
      const command = new sdk.BatchDeleteImageCommand({
        registryId: this.registryId,
        repositoryName: name,
        imageIds: digests.slice(at, at + 100).map((imageDigest) => ({ imageDigest })),
      });
      await this.call("BatchDeleteImage", (client, options) => client.send(command, options), "");
    }
  }

  /** User and password for the registries of the region, in the form of Docker's settings; good for 12 hours. */
  async fetchToken(): Promise<string> {
    const command = new sdk.GetAuthorizationTokenCommand({});
    const { authorizationData } = await this.call("GetAuthorizationToken", (client, options) =>
      client.send(command, options),
    );
    return authorizationData?.[0]?.authorizationToken ?? "";
  }

  async findLogin(): Promise<RegistryLogin> {
    return { from: "aws", basic: await this.fetchToken() };
  }

  pushFault(output: string, cause: Error): Error | undefined {
    // What ECR answers a HEAD request has no words: these credentials were allowed to push when the run began.
    const isTold = output.includes("not authorized to perform");
    const hint = isTold
      ? undefined
      : "A token that has expired is refused in the same way: run the command again, it gets a new one.";
    return permissionFault(output, { action: "ecr:PutImage", hint }, cause);
  }
}
