import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { eventually } from "./engine.ts";

const USER = Buffer.from("tester:for-this-test").toString("base64");
/** The same password by bcrypt, which is what Distribution takes. */
const HTPASSWD = "tester:$2y$05$abcdefghijklmnopqrstuug1M80WMmXrkWZotPSTLyzJ4UsQUxWum\n";

/** The registry Distribution: https://distribution.github.io/distribution/ */
export interface Distribution extends AsyncDisposable {
  /** `host:port`; engines and builders use plain HTTP with this machine. */
  readonly host: string;
  /** What a repository has at a path, such as `tags/list`, asked with the login. */
  ask(repository: string, path: string, options?: RequestInit): Promise<Response>;
}

/** The login of Distribution's user, as Docker's settings have it. */
export const loginTo = (host: string) => ({ auths: { [host]: { auth: USER } } });

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === "object" && address ? address.port : 0;
}

/** Starts Distribution with a store of its own: Debian's package docker-registry, or its image where that is not installed. */
export async function startDistribution({ login = false } = {}): Promise<Distribution> {
  const folder = await mkdtemp(join(tmpdir(), "mkimage-registry-"));
  const host = `127.0.0.1:${await freePort()}`;
  const config = {
    version: "0.1",
    log: { level: "error", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, "store") }, delete: { enabled: true } },
    http: { addr: host },
    ...(login && { auth: { htpasswd: { realm: "test", path: join(folder, "htpasswd") } } }),
  };
  const file = join(folder, "config.json");
  await writeFile(file, JSON.stringify(config));
  await writeFile(join(folder, "htpasswd"), HTPASSWD);
  const { failed } = await execa("docker-registry", ["--version"], { reject: false });
  const volume = ["--volume", `${folder}:${folder}`];
  const inContainer = ["docker", "run", "--rm", "--network", "host", ...volume, "registry:2"];
  const [program = "", ...args] = [...(failed ? inContainer : ["docker-registry"]), "serve", file];
  const run = execa(program, args, { reject: false, all: true, stdin: "ignore" });
  const ask: Distribution["ask"] = (repository, path, { headers, ...options } = {}) =>
    fetch(`http://${host}/v2/${repository}/${path}`, {
      ...options,
      headers: { authorization: `Basic ${USER}`, ...headers },
    });
  const ended = run.then(({ all }) => Promise.reject(new Error(`the registry has ended:\n${all}`)));
  // Handled here as well: it ends by itself when it is stopped.
  ended.catch(() => {});
  const isUp = eventually(() => fetch(`http://${host}/v2/`).catch(() => undefined));
  await Promise.race([isUp, ended]);
  return {
    host,
    ask,
    async [Symbol.asyncDispose]() {
      run.kill();
      await run;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
