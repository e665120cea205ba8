import { UserError } from "../errors.ts";
import { type HttpError, waitAsked } from "./http.ts";
import type { HubAddress } from "./hub-address.ts";
import type { HubSettings } from "./hub-settings.ts";

const LOG_IN = "Log in with `hf auth login`, or set HF_TOKEN.";
const RENEW = "Renew HF_TOKEN, or the login by `hf auth login`; for a public model both can be left out.";

/** What the hub says of a token that it does not know, whatever is asked for. */
const BAD_TOKEN = /invalid (?:credentials|username or password|user token)|token .*expired/i;

/**
 * The hub's refusal as an error, by its header X-Error-Code
 * (https://github.com/huggingface/huggingface_hub, hf_raise_for_status).
 */
export function hubRefusal(
  error: HttpError,
  { repo, revision }: HubAddress,
  settings: HubSettings,
): UserError {
  const { status, headers } = error;
  const code = headers.get("x-error-code");
  const host = new URL(settings.endpoint).host;
  if (status === 429) {
    const wait = waitAsked(error);
    return new UserError(`${host} accepts no more requests for now (429): hf:${repo}`, {
      hint: `Try again ${wait ? `in ${wait}` : "later"}.${settings.token ? "" : ` With a token it accepts more: ${LOG_IN}`}`,
      reason: "environment",
      cause: error,
    });
  }
  if (settings.token && status === 401 && BAD_TOKEN.test(headers.get("x-error-message") ?? "")) {
    return new UserError(`${host} does not accept the token (401) for hf:${repo}`, {
      hint: RENEW,
      reason: "environment",
      cause: error,
    });
  }
  if (code === "RevisionNotFound") {
    return new UserError(`hf:${repo} has no revision "${revision}"`, {
      hint: "Give a branch, a tag or a commit.",
      cause: error,
    });
  }
  if (code === "EntryNotFound") {
    return new UserError(`A file is not in hf:${repo} at ${revision}`, {
      hint: "Check `files` in the model's spec.",
      cause: error,
    });
  }
  if (code === "GatedRepo") {
    const page = `${settings.endpoint}/${repo}`;
    return new UserError(
      `hf:${repo} is gated: ${settings.token ? "this token's user has no access" : "it needs a token"}`,
      {
        hint: settings.token ? `Ask for access at ${page}` : `Ask for access at ${page}, then: ${LOG_IN}`,
        reason: "environment",
        cause: error,
      },
    );
  }
  // Without a token the hub answers 401 for what does not exist, so as not to say which private repositories there are.
  if (code === "RepoNotFound" || status === 404) {
    return new UserError(`No model ${repo} on ${host}, or it is private`, {
      hint: settings.token
        ? "Check the name; the token that is set cannot see it."
        : `Check the name. For a private one: ${LOG_IN}`,
      cause: error,
    });
  }
  if (status === 401 || status === 403) {
    const problem = settings.token ? "does not accept the token" : "asks for a token";
    return new UserError(`${host} ${problem} (${status}) for hf:${repo}`, {
      hint: settings.token ? RENEW : LOG_IN,
      reason: "environment",
      cause: error,
    });
  }
  return new UserError(`Cannot fetch hf:${repo}: ${error.message}`, {
    hint: "Try again later; https://status.huggingface.co has the hub's state.",
    reason: "environment",
    cause: error,
  });
}
