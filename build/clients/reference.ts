/**
 * The host of the registry that a repository names, with its port; undefined for one without, `team/name`. As Docker reads
 * it: https://pkg.go.dev/github.com/distribution/reference
 */
export function registryHost(repository: string): string | undefined {
  const [first = "", ...rest] = repository.split("/");
  return rest.length > 0 && (/[.:]/.test(first) || first === "localhost") ? first : undefined;
}

/** A reference in full, as containerd knows it: `team/name:tag` is `docker.io/team/name:tag`. */
export function canonicalReference(reference: string): string {
  if (registryHost(reference)) return reference;
  return `docker.io/${reference.includes("/") ? "" : "library/"}${reference}`;
}

/** Whether a text may be the reference of an image, and no path: the engine answers for other texts by what it makes of the URL. */
export const isReference = (text: string): boolean =>
  /^\w[\w./:@-]*$/.test(text) && text.split("/").every((part) => !["", ".", ".."].includes(part));
