/** A machine, or a part of one, that a builder of buildx builds on. */
export interface BuilderNode {
  readonly name: string;
  readonly endpoint: string;
  /** Such as `running`; a node that does not answer is `inactive`. */
  readonly status: string;
  /** Such as `v0.31.1`; undefined where it does not answer. */
  readonly buildkit: string | undefined;
}

const fieldOf = (block: string, name: string): string | undefined =>
  block
    .split("\n")
    .find((line) => line.startsWith(`${name}:`))
    ?.slice(name.length + 1)
    .trim();

/** The nodes of a builder, in what `docker buildx inspect` prints. Pure. */
export function nodesIn(shown: string): BuilderNode[] {
  const [, list = ""] = shown.split(/^Nodes:$/m);
  return list
    .split(/^(?=Name:)/m)
    .filter((block) => block.startsWith("Name:"))
    .map((block) => ({
      name: fieldOf(block, "Name") ?? "",
      endpoint: fieldOf(block, "Endpoint") ?? "",
      status: fieldOf(block, "Status") ?? "unknown",
      buildkit: fieldOf(block, "BuildKit version") ?? fieldOf(block, "BuildKit"),
    }));
}
