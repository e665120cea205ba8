import { type ExitReason, UserError } from "../errors.ts";
import { HttpError } from "./http.ts";
import type { RegistryLogin } from "./registry-auth.ts";
import type { RepositoryPlace } from "./repository.ts";

/** Bytes of an answer that are read for its error. */
const READ = 16_000;
/** Characters that are told of it. */
const TOLD = 500;

/** A registry's refusal: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes */
export class RegistryError extends HttpError {
  /** Such as `NAME_UNKNOWN`; empty where the answer has none. */
  readonly code: string;
  readonly said: string;

  private constructor(response: Response, [code, said]: readonly [string, string]) {
    super(response);
    this.code = code;
    this.said = said;
  }

  static async of(response: Response): Promise<RegistryError> {
    return new RegistryError(response, firstError(await startOf(response)));
  }
}

/** The text of an answer, or its start where it is long or breaks off. */
async function startOf({ body }: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const piece of body ?? []) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes >= READ) break;
    }
  } catch {
    // Its status is known.
  }
  return Buffer.concat(pieces).toString();
}

/** Code and message of the first error that a body has; a token server may have `details` in place of `errors`. */
function firstError(body: string): [string, string] {
  try {
    const { errors, details, message } = JSON.parse(body);
    const [{ code, message: said = message ?? details } = { code: "" }] = errors ?? [{}];
    return [plain(code), plain(said)];
  } catch {
    return ["", ""];
  }
}

const plain = (value: unknown): string =>
  typeof value === "string" ? value.slice(0, TOLD).replaceAll(/\s+/g, " ").trim() : "";

interface Context {
  readonly repository: RepositoryPlace;
  readonly login: RegistryLogin | undefined;
}

interface Remedy {
  readonly hint: string;
  readonly reason?: ExitReason;
}

const logIn = ({ host }: RepositoryPlace): string =>
  `docker login ${host === "docker.io" ? "" : host}`.trim();

/** What to do about a refusal. */
function remedyOf({ status, code, said }: RegistryError, { repository, login }: Context): Remedy {
  const { host, name } = repository;
  if (status === 429)
    return {
      hint: "It allows no more requests for now. Run the command again later: what has arrived stays.",
    };
  if (code === "NAME_INVALID")
    return {
      hint: `It does not take "${name}" as a repository. Name another one: \`repository\` in mkimage.json, or --repository.`,
      reason: "usage",
    };
  const isDenied = status === 401 || status === 403;
  if (isDenied && login?.from === "aws")
    return { hint: "Check that these credentials may read from the repository and push to it." };
  if (isDenied && !login) return { hint: `Docker has no login for it: ${logIn(repository)}` };
  if (status === 401 && !/denied|scope/i.test(code + said))
    return { hint: `It does not take these credentials. Renew them: ${logIn(repository)}` };
  if (isDenied)
    return {
      hint: `Check that these credentials may read from ${host}/${name} and push to it; for others: ${logIn(repository)}`,
    };
  if (code === "NAME_UNKNOWN" || status === 404)
    return { hint: `It has no repository "${name}" and makes none by a push. Create it there first.` };
  return { hint: "Run the command again: what has arrived is not sent again." };
}

/** A registry's refusal as people read it (exit 3, or 2 for a name that it does not take). */
export function registryRefusal(doing: string, error: RegistryError, context: Context): UserError {
  const said = [error.code, error.said].filter(Boolean).join(": ");
  const { hint, reason = "environment" } = remedyOf(error, context);
  return new UserError(
    `Cannot ${doing} ${context.repository.host}: it answers ${error.status}${said ? ` (${said})` : ""}`,
    { hint, reason, cause: error },
  );
}
