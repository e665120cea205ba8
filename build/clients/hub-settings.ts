import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import querystring from "node:querystring";
import { publicUrl } from "../../models/public-url.ts";
import { UserError } from "../errors.ts";

/** How the hub is reached: the environment variables of Hugging Face's own programs. */
export interface HubSettings {
  /** Without user, password, and a slash at the end. */
  readonly endpoint: string;
  /** User and password of HF_ENDPOINT, as `user:password`. */
  readonly login?: string | undefined;
  readonly token: string | undefined;
  readonly offline: boolean;
  /** Folder where those programs keep what they have fetched. */
  readonly cache: string;
}

const isTrue = (value: string | undefined) => /^(?:1|on|yes|true)$/i.test(value ?? "");

/** `HF_TOKEN`, else the file that `hf auth login` writes. Empty ones do not count. */
async function readToken(env: NodeJS.ProcessEnv, home: string): Promise<string | undefined> {
  const given = (env["HF_TOKEN"] ?? env["HUGGING_FACE_HUB_TOKEN"])?.trim();
  if (given) return given;
  const text = await readFile(env["HF_TOKEN_PATH"] ?? join(home, "token"), "utf8").catch(() => "");
  return text.trim() || undefined;
}

/** @throws UserError (exit 3), without the token, for one that no header can carry. */
function checkToken(token: string | undefined): string | undefined {
  if (token === undefined || /^[\x21-\x7e]+$/.test(token)) return token;
  throw new UserError("The token for Hugging Face has whitespace or other invalid characters", {
    hint: "Correct HF_TOKEN, or log in with `hf auth login`.",
    reason: "environment",
  });
}

/** The address of the hub, and user and password apart from it. */
function readEndpoint(given = "https://huggingface.co"): Pick<HubSettings, "endpoint" | "login"> {
  const url = URL.parse(given);
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash) {
    throw new UserError(`HF_ENDPOINT is not the address of a hub: ${publicUrl(given)}`, {
      hint: "Write it as https://HOST, without a query, or unset it.",
    });
  }
  const { username, password } = url;
  return {
    endpoint: publicUrl(given).replace(/\/$/, ""),
    ...((username || password) && { login: [username, password].map(querystring.unescape).join(":") }),
  };
}

/**
 * Reads https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables
 * @throws UserError (exit 2) when HF_ENDPOINT is not a web address, (exit 3) for a token that is none.
 */
export async function hubSettings(env: NodeJS.ProcessEnv = process.env): Promise<HubSettings> {
  const home = env["HF_HOME"] ?? join(env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "huggingface");
  return {
    ...readEndpoint(env["HF_ENDPOINT"]),
    token: checkToken(await readToken(env, home)),
    offline: isTrue(env["HF_HUB_OFFLINE"]) || isTrue(env["TRANSFORMERS_OFFLINE"]),
    cache: env["HF_HUB_CACHE"] ?? env["HUGGINGFACE_HUB_CACHE"] ?? join(home, "hub"),
  };
}
