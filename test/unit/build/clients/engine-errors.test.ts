import { describe, expect, test } from "vitest";
import { environmentFault } from "../../../../build/clients/engine-errors.ts";

/** Output as engines give it, most of it recorded. */
const CASES: { problem: string; remedy: RegExp; output: string[] }[] = [
  {
    problem: "The disk is full",
    remedy: /docker buildx prune/,
    output: [
      "failed to solve: failed to extract layer sha256:1b: write /var/lib/x/libtorch.so: no space left on device",
      "ERROR: write /root/.docker/x: disk quota exceeded",
    ],
  },
  {
    problem: "docker buildx is missing or too old",
    remedy: /buildx 0\.19/,
    output: [
      "unknown flag: --file\n\nUsage:  docker [OPTIONS] COMMAND [ARG...]\n\nRun 'docker --help' for more information",
      "unknown flag: --metadata-file\nSee 'docker buildx bake --help'.",
      "docker: 'buildx' is not a docker command.\nSee 'docker --help'",
      "docker: unknown command: docker buildx\n\nRun 'docker --help' for more information",
      "unknown shorthand flag: 'f' in -f\n\nUsage:  docker [OPTIONS] COMMAND [ARG...]",
    ],
  },
  {
    problem: "The docker command is Podman's, which has no buildx bake",
    remedy: /drivers\/remote/,
    output: [
      "Error: unrecognized command `podman buildx bake`\nTry 'podman buildx --help' for more information",
      "Emulate Docker CLI using podman. Create /etc/containers/nodocker to quiet msg.\nError: unknown flag: --file\nSee 'podman buildx --help'",
    ],
  },
  {
    problem: "The emulator cannot run a program of another architecture",
    remedy: /binfmt/,
    output: [
      "qemu: uncaught target signal 4 (Illegal instruction) - core dumped\nIllegal instruction (core dumped)",
      "qemu: uncaught target signal 11 (Segmentation fault) - core dumped",
    ],
  },
  {
    problem: "Docker's credential helper does not work",
    remedy: /credsStore/,
    output: [
      'ERROR: failed to solve: alpine:3.23: failed to resolve source metadata for docker.io/library/alpine:3.23: error getting credentials - err: exec: "docker-credential-desktop": executable file not found in $PATH, out: ``',
      "ERROR: failed to solve: error getting credentials - err: docker-credential-desktop resolves to executable in current directory (./docker-credential-desktop), out: ``",
      "ERROR: failed to solve: error getting credentials - err: exit status 1, out: ``",
    ],
  },
  {
    problem: "A container registry allows no more requests for now",
    remedy: /docker login/,
    output: [
      "ERROR: toomanyrequests: You have reached your unauthenticated pull rate limit.",
      "ERROR: failed to solve: debian:12: failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/debian/manifests/sha256:53: 429 Too Many Requests - Server message: toomanyrequests: You have reached your unauthenticated pull rate limit.",
      "ERROR: failed to solve: failed to copy: httpReadSeeker: failed open: unexpected status from GET request to https://registry-1.docker.io/v2/library/alpine/manifests/sha256:5b: 429 Too Many Requests",
    ],
  },
  {
    problem: "The Docker engine does not answer",
    remedy: /Start Docker/,
    output: [
      "ERROR: Cannot connect to the Docker daemon at tcp://127.0.0.1:1. Is the docker daemon running?",
      "ERROR: failed to connect to the docker API at unix:///run/docker.sock; check if the path is correct and if the daemon is running: dial unix /run/docker.sock: connect: no such file or directory",
      "ERROR: permission denied while trying to connect to the docker API at unix:///var/run/docker.sock",
      "Got permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
      'error during connect: Get "http://%2F%2F.%2Fpipe%2Fdocker_engine/v1.24/info": open //./pipe/docker_engine: The system cannot find the file specified.',
      "connect ECONNREFUSED /var/run/docker.sock",
      "connect ENOENT /var/run/docker.sock",
    ],
  },
  {
    problem: "The current builder of docker buildx does not answer",
    remedy: /docker buildx ls/,
    output: [
      "ERROR: target runtime: failed to receive status: rpc error: code = Unavailable desc = error reading from server: EOF",
      'ERROR: no builder "nope" found',
      "ERROR: context deadline exceeded",
      'ERROR: failed to list workers: Unavailable: connection error: desc = "transport: Error while dialing: dial unix /run/mkimage/buildkitd.sock: connect: connection refused"',
      'ERROR: failed to find driver "kubernetes"',
      "ERROR: failed to get status: rpc error: code = Unavailable desc = closing transport",
    ],
  },
  {
    problem: "A program of another architecture was started, and this machine cannot emulate it",
    remedy: /binfmt/,
    output: [
      "exec /bin/sh: exec format error",
      "standard_init_linux.go:228: exec user process caused: exec format error",
    ],
  },
  {
    problem: "A container registry refuses access",
    remedy: /docker login/,
    output: [
      "ERROR: failed to solve: debain:trixie: failed to resolve source metadata for docker.io/library/debain:trixie: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
      "ERROR: failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token: 403 Forbidden",
    ],
  },
  {
    problem: "The npm registry does not answer",
    remedy: /NODE_EXTRA_CA_CERTS/,
    output: [
      "npm error code ECONNREFUSED\nnpm error syscall connect\nnpm error FetchError: request to https://registry.example.com/zod failed",
      "npm error code SELF_SIGNED_CERT_IN_CHAIN\nnpm error errno SELF_SIGNED_CERT_IN_CHAIN",
      "npm ERR! code E401\nnpm ERR! Unable to authenticate",
    ],
  },
  {
    problem: "The builder has lost a part of its cache",
    remedy: /docker buildx stop/,
    output: [
      'ERROR: target system-debian-amd64: failed to solve: failed to mount /tmp/buildkit-mount610848623: [{Type:overlay Source:overlay Options:[lowerdir=/var/lib/buildkit/snapshots/5630/fs]}]: mount source: "overlay", fstype: overlay, err: no such file or directory',
    ],
  },
  {
    problem: "The builder does not trust the certificate of a container registry",
    remedy: /docs\/network\.md/,
    output: [
      'failed to push registry.example:5000/team/embed:1.0: failed to do request: Head "https://registry.example:5000/v2/team/embed/blobs/sha256:e9bf": tls: failed to verify certificate: x509: certificate signed by unknown authority',
      "ERROR: failed to solve: failed to resolve source metadata for registry.example:5000/debian:trixie: failed to do request: Head: x509: certificate has expired or is not yet valid",
    ],
  },
  {
    problem: "A container registry speaks HTTP, and the builder asks by HTTPS",
    remedy: /http = true/,
    output: [
      'failed to resolve source metadata for registry.example:5000/debian:trixie: failed to do request: Head "https://registry.example:5000/v2/debian/manifests/trixie": http: server gave HTTP response to HTTPS client',
    ],
  },
  {
    problem: "A container registry does not answer",
    remedy: /make mirror/,
    output: [
      'ERROR: failed to solve: failed to do request: Head "https://registry-1.docker.io/v2/library/debian/manifests/trixie": dial tcp: lookup registry-1.docker.io on 10.0.0.53:53: no such host',
      'failed to do request: Head "http://127.0.0.1:5001/v2/x/manifests/1": dial tcp 127.0.0.1:5001: connect: connection refused',
      "failed to copy: httpReadSeeker: failed open: unexpected status code 503",
      'Get "https://public.ecr.aws/v2/": net/http: TLS handshake timeout',
      "dial tcp 3.5.1.2:443: i/o timeout",
      "failed to resolve source metadata for docker.io/library/alpine:3.23: unexpected status from HEAD request: 502 Bad Gateway",
    ],
  },
];

describe.each(CASES)("$problem", ({ problem, remedy, output }) => {
  test.each(output)("%s", (text) => {
    const cause = new Error("docker");
    const error = environmentFault(`some step\n${text}\nanother line`, cause);
    expect(error).toMatchObject({ exitCode: 3, cause, hint: expect.stringMatching(remedy) });
    expect(error?.message).toBe(`${problem}: ${text.split("\n")[0]}`);
  });
});

test.each([
  "ERROR: failed to solve: failed to solve with frontend dockerfile.v0: failed to create LLB definition: registry.example/nope/x:1: not found",
  "ERROR: failed to solve: alpine:9: failed to resolve source metadata for docker.io/library/alpine:9: docker.io/library/alpine:9: not found",
])("a base that does not exist is bad input, exit code 2: %s", (text) => {
  expect(environmentFault(text)).toMatchObject({
    exitCode: 2,
    message: expect.stringContaining("A base image does not exist"),
    hint: expect.stringContaining("--base"),
  });
});

test.each([
  "",
  'process "/bin/sh -c npm ci" did not complete successfully: exit code: 1',
  "sh: 1: esbuild: not found",
  "AssertionError: context deadline exceeded in the model's own test",
  "npm error code ELIFECYCLE",
])("a step's own failure is not the machine's: %s", (text) => {
  expect(environmentFault(text)).toBeUndefined();
});

test.each(["no builder ", "ENOENT ", "unexpected status ", "failed to resolve source metadata for "])(
  "a million times %j takes no longer than a short text",
  (part) => {
    const started = performance.now();
    expect(environmentFault(part.repeat(1e6))?.message ?? "").not.toContain("Podman");
    expect(performance.now() - started).toBeLessThan(2000);
  },
);
