import { afterEach, expect, test, vi } from "vitest";
import { type Progress, screen } from "../../../../build/display/screen.ts";
import { print, say } from "../../../../build/output.ts";

afterEach(() => screen.close());

/** What a command writes to stderr and stdout that has one part, one cell and one step of the builder. */
function shown(options: { progress?: Progress; json?: boolean }, env: NodeJS.ProcessEnv = {}) {
  const written = { stderr: "", stdout: "" };
  for (const name of ["stderr", "stdout"] as const)
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      written[name] += text;
      return true;
    });
  screen.open(options, env);
  screen.phase("images");
  screen.row("parts", "node").cached();
  screen.step("[node 2/2] RUN x 1.3 s");
  say("note");
  screen.row("cells", "debian-arm64").done("built 83 MB");
  print("reference");
  say("after");
  vi.restoreAllMocks();
  return written;
}

test.each<[string, Parameters<typeof shown>, string]>([
  ["without a terminal", [{}], "note\ncell debian-arm64: built 83 MB\nafter\n"],
  ["plain", [{ progress: "plain" }], "note\ncell debian-arm64: built 83 MB\nafter\n"],
  ["steps", [{ progress: "steps" }], "[node 2/2] RUN x 1.3 s\nnote\ncell debian-arm64: built 83 MB\nafter\n"],
  ["quiet", [{ progress: "quiet" }], ""],
  [
    "in GitHub Actions",
    [{}, { GITHUB_ACTIONS: "true" }],
    "::group::images\nnote\ncell debian-arm64: built 83 MB\n::endgroup::\nafter\n",
  ],
])("stderr: %s", (_, args, stderr) => {
  expect(shown(...args)).toEqual({ stderr, stdout: "reference\n" });
});

test("the row that is known to have failed is the one that has; others were stopped", () => {
  const [a, b] = [screen.row("cells", "a"), screen.row("cells", "b")];
  a.running("gate");
  b.running("npm ci");
  a.failed("gate");
  screen.fail();
  expect([a.state, b.state]).toEqual(["failed", "waiting"]);
});

test("after Ctrl-C nothing has failed", () => {
  const [a, b] = [screen.row("cells", "a"), screen.row("cells", "b")];
  a.running("round 1");
  b.done("round 2, interrupted");
  screen.stop();
  expect([a.state, b.state]).toEqual(["waiting", "done"]);
});

test("where none is known, what ran has failed", () => {
  const [a, b] = [screen.row("cells", "a"), screen.row("cells", "b")];
  a.running("testing");
  b.done();
  screen.fail();
  expect([a.state, b.state]).toEqual(["failed", "done"]);
});

test("work that begins anew has rows that begin anew", () => {
  const before = screen.row("parts", "handler");
  before.running("esbuild", Date.now() - 60_000);
  before.failed();
  screen.again();
  const row = screen.row("parts", "handler");
  row.running("esbuild");
  row.done();
  expect(row.seconds).toBeLessThan(10);
});
