import { UserError } from "../errors.ts";
import { dockerLogin } from "./docker-login.ts";
import { OciRepository } from "./oci-registry.ts";
import type { RegistryLogin } from "./registry-auth.ts";
import type { RegistryOptions } from "./registry-client.ts";
import { type ImageRegistry, isLoopback, type RemoteImage, type Repository } from "./repository.ts";

/** Where images go in a registry that is not of ECR. */
export interface RegistryPlace {
  /** With a port where it has one: `registry.example.com:5000`. */
  readonly host: string;
  /** What stands before the repositories' names, such as an account's: `team`; empty for none. */
  readonly path: string;
}

interface ContainerRegistryOptions extends RegistryOptions {
  /** Whether a tag stays with its image. No registry but ECR says it: it is what the project wants. */
  readonly isImmutable: (tag: string) => boolean;
  /** Where the project says it: a sentence. */
  readonly tagRule: string;
}

/** A registry by the distribution specification alone, with Docker's login. Repositories come into being by a push. */
export class ContainerRegistry implements ImageRegistry {
  readonly #place: RegistryPlace;
  readonly #options: ContainerRegistryOptions;
  readonly #open = new Map<string, OciRepository>();
  #login: Promise<RegistryLogin | undefined> | undefined;

  constructor(place: RegistryPlace, options: ContainerRegistryOptions) {
    this.#place = place;
    this.#options = options;
  }

  async findRepository(short: string): Promise<Repository> {
    const { host, path } = this.#place;
    const name = path ? `${path}/${short}` : short;
    const { isImmutable, tagRule } = this.#options;
    return { name, host, uri: `${host}/${name}`, insecure: false, isImmutable, tagRule };
  }

  findLogin(): Promise<RegistryLogin | undefined> {
    this.#login ??= dockerLogin(this.#place.host, this.#options.signal);
    return this.#login;
  }

  async fetchToken(): Promise<undefined> {}

  /** The same for each question, which keeps the token that it was given. */
  async #at(repository: Repository): Promise<OciRepository> {
    const login = await this.findLogin();
    const open = this.#open.get(repository.uri) ?? new OciRepository(repository, login, this.#options);
    this.#open.set(repository.uri, open);
    return open;
  }

  async checkUpload(repository: Repository): Promise<void> {
    await (await this.#at(repository)).checkUpload();
  }

  async findTag(repository: Repository, tag: string): Promise<RemoteImage | undefined> {
    return (await this.#at(repository)).findImage(tag);
  }

  pushFault(output: string, cause: Error): Error | undefined {
    const { host } = this.#place;
    if (!isLoopback(host) || !/connection refused/i.test(output)) return undefined;
    return new UserError(`The builder does not reach ${host}, which this machine does`, {
      hint: "A builder in a container has a localhost of its own: docker buildx create --use --driver docker-container --driver-opt network=host",
      reason: "environment",
      cause,
    });
  }
}
