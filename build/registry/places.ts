import type { RegistryPlace } from "../clients/container-registry.ts";
import { type EcrRegistry, ecrRegistry } from "../clients/ecr-repository.ts";
import { registryHost } from "../clients/reference.ts";
import { UserError } from "../errors.ts";

/** Where images are pushed to: a registry of ECR, any other one, or undefined for the credentials' own in ECR. */
export type Place = EcrRegistry | RegistryPlace | undefined;

export const isEcr = (place: Place): place is EcrRegistry | undefined => !place || "region" in place;

/** A name as the registry has it: without the registry's host. */
export const nameInRegistry = (name: string): string => name.slice((registryHost(name)?.length ?? -1) + 1);

/** The registry that names of repositories begin with, by its host; undefined where they begin with none. */
const hostOfNames = ([name = ""]: readonly string[]): string | undefined =>
  // One pattern gives the names of all functions, and `<function>` stands behind the registry.
  registryHost(name);

/**
 * The registry of ECR that the repositories of functions are in: the one that their names begin with, else undefined for the
 * credentials' own account and region.
 * @throws UserError (exit 2) for one that is not ECR
 */
export function registryOfNames(names: readonly string[]): EcrRegistry | undefined {
  const host = hostOfNames(names);
  const registry = host === undefined ? undefined : ecrRegistry(host);
  if (host === undefined || registry) return registry;
  const [name = ""] = names;
  throw new UserError(`${host} is not a registry of Amazon ECR (repository "${name}")`, {
    hint: `Lambda takes images only from ECR; \`mkimage push\` sends them to any registry. Write the name alone, for the registry of your credentials' account and region, or with the host of another one: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/${nameInRegistry(name)}`,
  });
}

/** `eu-west-1`, `us-gov-east-1`. */
const REGION = /^[a-z]{2,3}(?:-[a-z]+){1,2}-\d$/;

/** Docker's grammar for hosts: https://pkg.go.dev/github.com/distribution/reference */
const HOST = /^(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;
/** A part of a repository's name: lower case, digits, and between them `.`, `_`, `__` or dashes. */
const PART = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
/** Characters of a name with its host. */
const LONGEST_NAME = 255;

const WAYS =
  "Write a region of AWS (eu-west-1), a registry of ECR (123456789012.dkr.ecr.eu-west-1.amazonaws.com), or any other registry with what is before the repository's name: ghcr.io/OWNER, docker.io/USER, registry.example.com:5000/team, localhost:5000.";

/** Whether a host can be asked: the grammar also has ports above 65535 and addresses that are none. */
const isHost = (host: string): boolean => HOST.test(host) && URL.canParse(`https://${host}`);

/**
 * What `--registry` or `registries` of mkimage.json names.
 * @throws UserError (exit 2), which shows no password
 */
function placeOf(written: string): EcrRegistry | RegistryPlace {
  const [, scheme = "", user = "", rest = ""] = /^(\w+:\/\/)?([^/]*@)?(.*)$/s.exec(written) ?? [];
  const asked = rest.replace(/\/$/, "");
  if (user)
    throw new UserError(`"…@${asked}" has a user or a password in it`, {
      hint: `Write the registry alone, ${asked}, and log in: docker login ${asked.split("/")[0]}`,
    });
  if (scheme)
    throw new UserError(`"${scheme}${asked}" is a URL`, {
      hint: `Write the registry without its scheme: ${asked}`,
    });
  if (REGION.test(asked)) return { region: asked };
  const [host = "", ...path] = asked.split("/");
  const ecr = ecrRegistry(host);
  if (ecr && path.length === 0) return ecr;
  if (ecr)
    throw new UserError(`"${asked}" has more than a registry of ECR`, {
      hint: `Name the registry alone, and the repository apart: --registry ${host} --repository '${path.join("/")}/<function>'`,
    });
  if (!isHost(host) || registryHost(`${asked}/name`) !== host)
    throw new UserError(`"${asked}" is neither a region of AWS nor a registry`, { hint: WAYS });
  if (!path.every((part) => PART.test(part)))
    throw new UserError(`"${asked}": "${path.join("/")}" cannot stand before a repository's name`, {
      hint: "Use lower-case letters and digits, and between them dots, dashes or underscores, as in ghcr.io/my-team",
    });
  return { host, path: path.join("/") };
}

/** Sees that a registry can have the repositories. @throws UserError (exit 2) */
function checkNames(names: readonly string[], { host, path }: RegistryPlace): void {
  for (const name of names) {
    const whole = [path, nameInRegistry(name)].filter(Boolean).join("/");
    const parts = whole.split("/");
    if (`${host}/${whole}`.length > LONGEST_NAME)
      throw new UserError(`Repository ${host}/${whole} is longer than ${LONGEST_NAME} characters`, {
        hint: "Name a shorter one: `repository` in mkimage.json, or --repository.",
      });
    if (host !== "docker.io" || parts.length === 2) continue;
    throw new UserError(`Docker Hub has no repository "${whole}": a name there is USER/NAME`, {
      hint:
        path && !path.includes("/")
          ? `Name the repository in one part: --registry docker.io/${path} --repository '<function>'`
          : "Name the user in the registry, and the repository in one part: --registry docker.io/USER --repository '<function>'",
    });
  }
}

/**
 * The registries that images are pushed to: those that are asked for, by region or host, else the one that the repositories'
 * names begin with, else the credentials' own (undefined).
 * @throws UserError (exit 2) for what is no registry, one that the repositories' own registry contradicts, and one that cannot
 * have repositories of these names
 */
export function registriesOf(names: readonly string[], asked: readonly string[] | undefined): Place[] {
  const host = hostOfNames(names);
  const [name = ""] = names;
  if (host !== undefined && asked?.length)
    throw new UserError(
      `Repository "${name}" names a registry, and so does --registry, or registries of mkimage.json`,
      {
        hint: `Leave one of them out: the repository is ${nameInRegistry(name)} in each registry.`,
      },
    );
  const wanted = asked?.length ? asked : host === undefined ? [] : [host];
  // Written in two ways, a registry is still one.
  const places = [...new Map(wanted.map(placeOf).map((place) => [JSON.stringify(place), place])).values()];
  for (const place of places) if (!isEcr(place)) checkNames(names, place);
  return places.length > 0 ? places : [undefined];
}

/**
 * Sees that Lambda can take an image by its reference.
 * @param env an emulator of AWS, which AWS_ENDPOINT_URL names, has a registry of its own
 * @throws UserError (exit 2) for one of a registry that is not ECR
 */
export function requireEcrImage(reference: string, env: NodeJS.ProcessEnv = process.env): void {
  const host = registryHost(reference);
  const isEmulated = env["AWS_ENDPOINT_URL"] || env["AWS_ENDPOINT_URL_ECR"];
  if (isEmulated || (host !== undefined && ecrRegistry(host))) return;
  throw new UserError(
    `${reference} is not in a registry of Amazon ECR, and Lambda takes images from no other`,
    {
      hint: "Push it to ECR as well, which leaves the digest as it is: mkimage push",
    },
  );
}

/**
 * Those of a list of registries from which Lambda takes no image: what a function is made of is in none of them.
 */
export const otherRegistries = (registries: readonly string[] = []): string[] =>
  registries.filter((each) => !isEcr(placeOf(each)));
