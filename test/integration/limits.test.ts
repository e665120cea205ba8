import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { connectDocker } from "../../build/clients/docker.ts";
import { type LIMITS, LONGEST_REPLY } from "../../build/smoke/limits.ts";
import { type Sandboxed, withSandbox } from "../../build/smoke/sandbox.ts";
import { containersOf, docker } from "../support/engine.ts";
import { buildInPlace } from "../support/image.ts";
import { mkimage } from "../support/mkimage.ts";
import { makeProject, type Project } from "../support/project.ts";
import { refusal } from "../support/refusal.ts";

const { signal } = new AbortController();

/** A function that does what its event says, and so may break limits. */
const FUNCTION = `
const api = "http://" + process.env.AWS_LAMBDA_RUNTIME_API + "/2018-06-01/runtime/invocation/";
for (;;) {
  const next = await fetch(api + "next");
  const id = next.headers.get("lambda-runtime-aws-request-id");
  const { seconds = 0, characters = 1 } = await next.json();
  await new Promise((done) => setTimeout(done, seconds * 1000));
  await fetch(api + id + "/response", { method: "POST", body: JSON.stringify("x".repeat(characters)) });
}`;

let project: Project;
let image: Sandboxed;

beforeAll(async () => {
  project = await makeProject();
  await buildInPlace(
    project.folder,
    { os: ["debian"], arch: ["amd64"] },
    `FROM public.ecr.aws/lambda/provided:al2023 AS rie
FROM node:24-trixie-slim
COPY --from=rie /usr/local/bin/aws-lambda-rie /usr/local/bin/
RUN mkdir /volume && chown 993:990 /volume
VOLUME /volume
COPY <<'PROGRAM' /var/task/index.mjs
${FUNCTION}
PROGRAM
ENTRYPOINT ["/usr/local/bin/aws-lambda-rie", "/usr/local/bin/node", "/var/task/index.mjs"]
`,
  );
  const reference = `${project.repository}:debian-amd64`;
  image = { reference, arch: "amd64", memory: 512, function: project.function };
}, 180_000);
afterAll(() => project?.remove());

/** What a program finds that runs beside the function, with all its limits; it prints JSON. */
async function probe(script: string, given: Partial<Sandboxed> = {}): Promise<unknown> {
  return withSandbox(await connectDocker(), { ...image, ...given }, { signal }, async () => {
    const [id] = await containersOf(project.function);
    return JSON.parse(await docker("exec", id as string, "/usr/local/bin/node", "--eval", script));
  });
}

const print = (expression: string) => `console.log(JSON.stringify(${expression}))`;
const status = (name: string) =>
  print(`/^${name}:\\s+(\\S+)/m.exec(require("fs").readFileSync("/proc/self/status", "utf8"))[1]`);
const invoke = async (event: object, timeout: number) =>
  withSandbox(await connectDocker(), image, { signal, timeout }, (sandbox) =>
    sandbox.invoke([JSON.stringify(event)]),
  );

/** For each limit a program that would break it. */
const PROBES: Readonly<Record<keyof typeof LIMITS, () => Promise<void>>> = {
  async root() {
    const places = [
      "/",
      "/var/task/",
      "/opt/",
      "/run/",
      "/var/tmp/",
      "/etc/",
      "/home/",
      "/dev/",
      "/mnt/",
      "/volume/",
    ];
    const written = await probe(`
      const write = (folder) => { try { require("fs").writeFileSync(folder + "x", "x"); return true; } catch { return false; } };
      ${print(`${JSON.stringify([...places, "/tmp/"])}.filter(write)`)}`);
    expect(written).toEqual(["/tmp/"]);
  },
  async tmp() {
    const fill = `
      const fs = require("fs"); const file = fs.openSync("/tmp/x", "w"); const block = Buffer.alloc(1 << 20, 1); let written = 0;
      try { for (;;) { written += fs.writeSync(file, block); } } catch ({ code }) { ${print("[code, Math.round(written / (1 << 20))]")} }`;
    expect(await probe(fill, { memory: 1769 })).toEqual(["ENOSPC", 512]);
    expect(await probe(fill, { memory: 1769, ephemeralStorage: 600 })).toEqual(["ENOSPC", 600]);
  },
  async shm() {
    expect(await probe(print(`require("fs").existsSync("/dev/shm")`))).toBe(false);
  },
  async memory() {
    const eat = "const all = []; for (;;) all.push(Buffer.alloc(1 << 24, 1));";
    const killed = `const { signal } = require("child_process").spawnSync(process.execPath, ["--eval", ${JSON.stringify(eat)}]); ${print("signal")}`;
    expect(await probe(killed, { memory: 256 })).toBe("SIGKILL");
  },
  async processor() {
    // Two threads that do nothing but count, for a second and a half of the clock.
    const share = await probe(
      `
      const { Worker } = require("worker_threads");
      const busy = "const end = performance.now() + 1500; while (performance.now() < end);";
      const start = performance.now();
      Promise.all([busy, busy].map((code) => new Promise((done) => new Worker(code, { eval: true }).on("exit", done)))).then(() => {
        const { user, system } = process.cpuUsage();
        ${print("(user + system) / 1000 / (performance.now() - start)")};
      });`,
      { memory: 884 },
    );
    // Half of a processor, and what a period of 100 ms lets it have more.
    expect(share).toBeGreaterThan(0.3);
    expect(share).toBeLessThan(0.75);
  },
  async user() {
    expect(await probe(print("[process.getuid(), process.getgid(), process.getgroups()]"))).toEqual([
      993,
      990,
      [990],
    ]);
  },
  async capabilities() {
    for (const name of ["CapEff", "CapPrm", "CapBnd"])
      expect(await probe(status(name))).toBe("0000000000000000");
    expect(
      await probe(`try { process.setuid(0); ${print("true")} } catch ({ code }) { ${print("code")} }`),
    ).toBe("EPERM");
  },
  async privileges() {
    expect(await probe(status("NoNewPrivs"))).toBe("1");
  },
  async processes() {
    const fork = "i=0; while sleep 60 > /dev/null 2>&1 & do i=$((i+1)); [ $i -lt 3000 ] || break; done";
    const found = await probe(`
      const { stderr } = require("child_process").spawnSync("sh", ["-c", ${JSON.stringify(fork)}], { encoding: "utf8" });
      ${print("[stderr.trim(), require('fs').readdirSync('/proc').filter((name) => Number(name)).length]")}`);
    expect(found).toEqual([expect.stringContaining("Cannot fork"), expect.any(Number)]);
    expect((found as [string, number])[1]).toBeLessThanOrEqual(1024);
  },
  async files() {
    const [code, count] = (await probe(`
      const fs = require("fs"); let count = 0;
      try { for (;;) { fs.openSync("/dev/null"); count++; } } catch ({ code }) { ${print("[code, count]")} }`)) as [
      string,
      number,
    ];
    expect(code).toBe("EMFILE");
    expect(count).toBeLessThanOrEqual(1024);
  },
  async time() {
    const error = await refusal(() => invoke({ seconds: 30 }, 1));
    expect(error.message).toContain("it did not answer within 1 s");
  },
  async reply() {
    const error = await refusal(() => invoke({ characters: LONGEST_REPLY }, 30));
    expect(error.message).toContain(`${LONGEST_REPLY}`);
  },
  async environment() {
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "marked");
    vi.stubEnv("MARKED", "marked");
    onTestFinished(() => void vi.unstubAllEnvs());
    const found = (await probe(print("process.env"))) as Record<string, string>;
    expect(Object.values(found)).not.toContain("marked");
    expect(found).toMatchObject({
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
      AWS_LAMBDA_FUNCTION_NAME: project.function,
      AWS_REGION: "us-east-1",
      TZ: ":UTC",
    });
  },
  async network() {
    const connect = `require("net").connect({ host: "192.0.2.1", port: 80, timeout: 2000 }).on("error", ({ code }) => ${print("code")}).on("connect", () => ${print("true")})`;
    expect(await probe(connect)).toBe("ENETUNREACH");
    expect(await probe(print("Object.keys(require('os').networkInterfaces())"))).toEqual(["lo"]);
  },
  async cpuList() {
    const list = print(`require("fs").readdirSync("/sys/devices/system/cpu")`);
    expect(await probe(list, { arch: "arm64" })).toEqual([]);
    expect(await probe(list)).toContain("possible");
  },
};

test.each(Object.keys(PROBES) as (keyof typeof LIMITS)[])(
  "no program gets beyond the limit %s",
  async (name) => {
    await PROBES[name]();
  },
);

test("--memory, --tmp and --timeout are Lambda's ranges", async () => {
  for (const [option, says] of [
    ["--memory=64", "--memory must be a whole number of MB from 128 to 10240, not 64"],
    ["--tmp=20000", "--tmp must be a whole number of MB from 512 to 10240, not 20000"],
    ["--timeout=901", "--timeout must be a whole number of seconds from 1 to 900, not 901"],
  ] as const) {
    const { exitCode, stderr } = await mkimage(["test", option], { cwd: project.folder });
    expect([exitCode, stderr.split("\n")[0]]).toEqual([2, `mkimage: ${says}`]);
  }
});
