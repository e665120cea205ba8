import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import {
  noProxy,
  proxyAgents,
  proxyFault,
  proxyStatus,
  proxyVariables,
  useProxies,
} from "../../../../build/clients/proxy.ts";
import { refusal } from "../../../support/refusal.ts";

const DIRECT = "localhost,127.0.0.1,::1,169.254.169.254,169.254.170.2,169.254.170.23";

test("this machine and AWS's own addresses are reached without a proxy", () => {
  expect(noProxy()).toBe(DIRECT);
  expect(noProxy("*")).toBe(`*,${DIRECT}`);
});

test("a name stands for the hosts below it as well", () => {
  expect(noProxy("corp.example, .other.example:8080 10.1.2.3")).toBe(
    `corp.example,.other.example:8080,10.1.2.3,.corp.example,${DIRECT}`,
  );
});

test.each(["10.0.0.0/8", "192.168.7.9/24", "172.16.0.0/12", "10.1.2.3/32", "0.0.0.0/0", "100.64.0.0/10"])(
  "the network %s is the range that Python makes of it",
  (network) => {
    const code =
      "import sys, ipaddress; n = ipaddress.ip_network(sys.argv[1], strict=False); print(f'{n[0]}-{n[-1]}')";
    const range = execFileSync("python3", ["-c", code, network], { encoding: "utf8" }).trim();
    expect(noProxy(network)).toBe(`${range},${DIRECT}`);
  },
);

test.each([
  {
    value: "socks5://proxy.example:1080",
    says: "HTTPS_PROXY is no address of a proxy: socks5:// is not supported",
  },
  { value: "http://user:secret@:", says: "HTTPS_PROXY is no address of a proxy" },
])("what is no proxy's address is refused without its password: $value", async ({ value, says }) => {
  const error = await refusal(() => useProxies({ HTTPS_PROXY: value }));
  expect(error).toMatchObject({ exitCode: 3, message: says });
});

test.each([
  ["Proxy response (407) !== 200 when HTTP Tunneling", 407],
  ["Failed to establish tunnel to a.test:443 via http://127.0.0.1:8080/: HTTP/1.1 403 Forbidden", 403],
  ["connect ECONNREFUSED 127.0.0.1:1", undefined],
])("%s: the proxy has answered %s", (text, status) => {
  expect(proxyStatus(text)).toBe(status);
});

test("a proxy that wants a password is told apart from one that forbids", () => {
  expect(proxyFault(407, "do it", undefined)).toMatchObject({
    exitCode: 3,
    message: "Cannot do it: the proxy answers 407",
    hint: expect.stringContaining("USER:PASSWORD"),
  });
  expect(proxyFault(403, "do it", undefined).hint).toContain("NO_PROXY");
});

test("programs get the user's variables as they are, and no empty ones", () => {
  const env = {
    HTTPS_PROXY: "p:1",
    http_proxy: "http://q",
    NO_PROXY: "",
    no_proxy: "x",
    ALL_PROXY: "y",
    HOME: "/",
  };
  expect(proxyVariables(env)).toEqual({ HTTPS_PROXY: "p:1", http_proxy: "http://q", no_proxy: "x" });
});

test("without a proxy clients keep their own agents", () => {
  expect(proxyAgents({ NO_PROXY: "x" })).toBeUndefined();
  expect(proxyAgents({ https_proxy: "http://p:1" })).toBeDefined();
});
