import type { RegistryLogin } from "./registry-auth.ts";

/** Where a repository is. */
export interface RepositoryPlace {
  readonly name: string;
  /** Host of the registry, with a port where it has one: what credentials are filed under. */
  readonly host: string;
  /** The registry speaks plain HTTP and is not on this machine, which BuildKit has to be told. */
  readonly insecure: boolean;
}

/** A repository of a registry. */
export interface Repository extends RepositoryPlace {
  /** `<host>/<name>`: what images are pushed to and pulled from. */
  readonly uri: string;
  /** Whether this tag cannot be moved to another image once it is there. */
  readonly isImmutable: (tag: string) => boolean;
  /** Who says so: a sentence. */
  readonly tagRule: string;
}

/** An image that a registry holds. */
export interface RemoteImage {
  readonly digest: string;
  /** Media type of its manifest, where the registry says it. */
  readonly mediaType: string | undefined;
  /** Media type of what the manifest is about: an image's configuration, or that of something else. */
  readonly artifactType?: string | undefined;
  /** Bytes of its layers as they are packed, where the registry says it. */
  readonly size: number | undefined;
}

/** What a push asks of a registry, whoever runs it. Every method throws a UserError that says what is lacking. */
export interface ImageRegistry {
  /** The repository of this name, or undefined where it has to be created first. */
  findRepository(name: string): Promise<Repository | undefined>;
  /** Asks for an upload and leaves it unused: the registry has said then whether these credentials may push. */
  checkUpload(repository: Repository): Promise<void>;
  /** What a tag of the repository is now, or undefined. */
  findTag(repository: Repository, tag: string): Promise<RemoteImage | undefined>;
  /** What Docker has to be given for a push, `user:password` in base64; undefined where it has its own login. */
  fetchToken(): Promise<string | undefined>;
  /** What requests of this tool log in with; undefined where there is nothing. */
  findLogin(): Promise<RegistryLogin | undefined>;
  /** What the output of a failed push says of this registry, as an error; undefined when it says nothing. */
  pushFault(output: string, cause: Error): Error | undefined;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/;

/** Whether a host, with or without a port, is this machine by its name: there registries speak plain HTTP. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

/** Whether a registry is asked by plain HTTP: an emulator, or one on this machine. */
export const speaksHttp = ({ host, insecure }: Pick<Repository, "host" | "insecure">): boolean =>
  insecure || isLoopback(host);
