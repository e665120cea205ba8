import type { Repository as RepositoryRecord } from "@aws-sdk/client-ecr";
import { isLoopback, type Repository } from "./repository.ts";

/** A repository of ECR. */
export interface EcrRepository extends Repository {
  /** Account that owns it. */
  readonly account: string;
}

/** A private registry of ECR: a region, and an account unless it is the credentials' own. */
export interface EcrRegistry {
  readonly account?: string;
  readonly region: string;
}

/**
 * The registry that a host of ECR names, `123456789012.dkr.ecr.eu-west-1.amazonaws.com`; undefined for another host.
 * https://docs.aws.amazon.com/general/latest/gr/ecr.html
 */
export function ecrRegistry(host: string): EcrRegistry | undefined {
  const [, account, region] =
    /^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z]{2}[a-z0-9-]+)\.(?:amazonaws\.(?:com|com\.cn|eu)|on\.(?:aws|amazonwebservices\.com\.cn))$/.exec(
      host,
    ) ?? [];
  return account && region ? { account, region } : undefined;
}

const AWS = /\.(?:amazonaws\.(?:com|com\.cn|eu)|aws|gov)$/;

/**
 * Host of the registry to push to. ECR names it in the repository's URI; an emulator, reached through an endpoint
 * override, may name AWS's own there and is the registry itself. An endpoint inside of AWS (VPC, FIPS) changes nothing.
 */
export function registryOf(repositoryUri: string, endpoint: URL): Pick<Repository, "host" | "insecure"> {
  const [named = ""] = repositoryUri.split("/");
  const host = AWS.test(named) && !AWS.test(endpoint.hostname) ? endpoint.host : named;
  return { host, insecure: endpoint.protocol === "http:" && !AWS.test(host) && !isLoopback(host) };
}

type Mutability = Pick<RepositoryRecord, "imageTagMutability" | "imageTagMutabilityExclusionFilters">;

/** Whether a text has the parts of a pattern between its `*` one after the other, the first and the last at its ends. */
function matches(text: string, pattern: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length)
    return false;
  let middle = text.slice(first.length, text.length - last.length);
  return rest.every((part) => {
    const at = middle.indexOf(part);
    middle = middle.slice(at + part.length);
    return at >= 0;
  });
}

/** Whether a repository's settings forbid moving the tag; the `*` of an exclusion stands for any characters. */
export function isImmutable(settings: Mutability, tag: string): boolean {
  const { imageTagMutability: mode = "MUTABLE", imageTagMutabilityExclusionFilters: filters = [] } = settings;
  const excluded = filters.some(({ filter = "" }) => matches(tag, filter));
  return mode.startsWith("IMMUTABLE") ? !excluded : excluded;
}

/** ECR's record of a repository, asked at an endpoint, as this tool uses it. */
export function toRepository(record: RepositoryRecord, endpoint: URL): EcrRepository {
  const { repositoryName: name = "", repositoryUri = "", registryId: account = "" } = record;
  const registry = registryOf(repositoryUri, endpoint);
  return {
    name,
    account,
    ...registry,
    uri: `${registry.host}/${name}`,
    isImmutable: (tag) => isImmutable(record, tag),
    tagRule: "The repository's tags are immutable.",
  };
}
