import http from "node:http";
import https from "node:https";
import { UserError } from "../errors.ts";

const NAMES = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"] as const;
type Name = (typeof NAMES)[number];

/** This machine, and the addresses where machines in AWS tell about themselves: no proxy leads there. */
const DIRECT = ["localhost", "127.0.0.1", "::1", "169.254.169.254", "169.254.170.2", "169.254.170.23"];

/** A variable's value; the name in lower case rules, as in curl. */
const variable = (name: Name, env: NodeJS.ProcessEnv): string | undefined =>
  env[name.toLowerCase()] ?? env[name];

/** The user's proxy variables under their own names, for programs that read them; no others. */
export const proxyVariables = (env: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    NAMES.flatMap((name) => [name, name.toLowerCase()]).flatMap((name) => {
      const value = env[name];
      return value ? [[name, value]] : [];
    }),
  );

/** The address of a proxy; without a scheme it is an HTTP one. The error shows no more of it than its scheme. */
function proxyAddress(name: Name, env: NodeJS.ProcessEnv): string | undefined {
  const value = variable(name, env);
  if (value === undefined) return undefined;
  const url = URL.parse(/^\w+:\/\//.test(value) ? value : `http://${value}`);
  if (url && /^https?:$/.test(url.protocol)) return url.href;
  throw new UserError(
    `${name} is no address of a proxy${url ? `: ${url.protocol}// is not supported` : ""}`,
    {
      hint: "Write it as http://proxy.example:3128, or unset it.",
      reason: "environment",
    },
  );
}

/** `10.0.0.0/8` as first and last address, which is how Node reads it. */
function rangeOf(entry: string): string {
  const [, address, length] = /^(\d+(?:\.\d+){3})\/(\d+)$/.exec(entry) ?? [];
  if (!address || !length || Number(length) > 32) return entry;
  const first = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(length));
  const start = Math.floor(first / size) * size;
  const text = (number: number) =>
    [24, 16, 8, 0].map((bits) => Math.floor(number / 2 ** bits) % 256).join(".");
  return `${text(start)}-${text(start + size - 1)}`;
}

/**
 * NO_PROXY as Node reads it: a name stands for the hosts below it as well, as in curl, Python and Go, and a network may be
 * written with its length.
 */
export function noProxy(value = ""): string {
  const entries = value.split(/[\s,]+/).filter(Boolean);
  const below = entries.filter((entry) => /^[a-z][\w.-]*$/i.test(entry)).map((entry) => `.${entry}`);
  return [...new Set([...entries.map(rangeOf), ...below, ...DIRECT])].join(",");
}

/**
 * Sends every request of this process by the proxies of HTTP_PROXY, HTTPS_PROXY and NO_PROXY, in either case: those of
 * `fetch`, and of clients with the global agents (see proxyAgents).
 * @throws UserError (exit 3) for an address that is none, or a Node that cannot
 */
export function useProxies(env: NodeJS.ProcessEnv = process.env): void {
  const [plain, tls] = [proxyAddress("HTTP_PROXY", env), proxyAddress("HTTPS_PROXY", env)];
  if (!plain && !tls) return;
  if (!http.setGlobalProxyFromEnv) {
    throw new UserError(`Node ${process.versions.node} cannot use the proxy that the environment names`, {
      hint: "Use Node 24.14 or newer, or unset HTTP_PROXY and HTTPS_PROXY.",
      reason: "environment",
    });
  }
  http.setGlobalProxyFromEnv({
    ...(plain ? { http_proxy: plain } : {}),
    ...(tls ? { https_proxy: tls } : {}),
    no_proxy: noProxy(variable("NO_PROXY", env)),
  });
}

/** Agents for a client that would otherwise make its own; undefined where no proxy is in use. */
export const proxyAgents = (env: NodeJS.ProcessEnv = process.env) =>
  variable("HTTP_PROXY", env) || variable("HTTPS_PROXY", env)
    ? { httpAgent: http.globalAgent, httpsAgent: https.globalAgent }
    : undefined;

/**
 * The status with which a proxy refused a request, by the error texts of Node's two clients, undici and http; undefined
 * where none did.
 */
export function proxyStatus(text: string): number | undefined {
  const [, afterTunnel = ""] = text.split("Failed to establish tunnel to ");
  const [, status] =
    /Proxy response \((\d{3})\)/.exec(text) ?? /: HTTP\/\d\.\d (\d{3})/.exec(afterTunnel) ?? [];
  return status ? Number(status) : undefined;
}

/** A proxy's refusal as an error (exit 3). */
export const proxyFault = (status: number, doing: string, cause: unknown): UserError =>
  new UserError(`Cannot ${doing}: the proxy answers ${status}`, {
    hint:
      status === 407
        ? "Give it user and password, with special characters as %XX: USER:PASSWORD@HOST:PORT"
        : "Have the proxy let the host through, or except the host from it by NO_PROXY.",
    reason: "environment",
    cause,
  });
