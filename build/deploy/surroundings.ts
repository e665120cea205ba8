import type { Lambda } from "../clients/lambda.ts";
import { say } from "../output.ts";
import { type Change, valueChanges } from "./changes.ts";
import { type Live, readLive } from "./live.ts";
import type { Target } from "./target.ts";
import { readUrl, setUrl } from "./url.ts";

type At = Pick<Target, "name" | "alias" | "surroundings">;

/** What there is of what is wanted; what is not wanted is not read, and needs no permission. */
async function readSurroundings({ name, alias, surroundings }: At, live: Live, lambda: Lambda) {
  const { concurrency, url } = surroundings;
  const provisioned = live.alias && concurrency?.provisioned && (await lambda.findProvisioned(name, alias));
  return {
    tags: live.latest?.tags,
    concurrency: { reserved: live.latest?.reserved, provisioned },
    url: live.alias && url && (await readUrl(lambda, name, alias)),
  };
}

/** The fields of them that are not as mkimage.json has them. */
export async function surroundingChanges(target: At, live: Live, lambda: Lambda): Promise<Change[]> {
  return valueChanges(await readSurroundings(target, live, lambda), target.surroundings);
}

/** What changes each of them, by the beginning of the field's name. */
const APPLY: Readonly<Record<string, (target: At, live: Live, lambda: Lambda) => Promise<void>>> = {
  tags: ({ surroundings: { tags = {} } }, { latest }, lambda) =>
    lambda.tag(latest?.configuration.FunctionArn ?? "", tags),
  "concurrency.reserved": ({ name, surroundings: { concurrency } }, _, lambda) =>
    lambda.reserve(name, concurrency?.reserved as number),
  url: ({ name, alias, surroundings: { url } }, _, lambda) =>
    setUrl(lambda, { name, alias, url: url as NonNullable<typeof url> }),
  "concurrency.provisioned": ({ name, alias, surroundings: { concurrency } }, _, lambda) =>
    lambda.provision(name, alias, concurrency?.provisioned as number),
};

/** Changes what is not as it should be. @returns whether anything was */
export async function setSurroundings(target: Target, lambda: Lambda): Promise<boolean> {
  const live = await readLive(lambda, target.name, target.alias);
  const changes = await surroundingChanges(target, live, lambda);
  for (const [part, apply] of Object.entries(APPLY)) {
    const own = changes.filter(({ field }) => field === part || field.startsWith(`${part}.`));
    if (own.length === 0) continue;
    say(`${target.name}: setting ${own.map(({ field }) => field).join(", ")}`);
    await apply(target, live, lambda);
  }
  return changes.length > 0;
}
