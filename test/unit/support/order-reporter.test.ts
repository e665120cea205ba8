import { expect, test, vi } from "vitest";
import type { TestModule, TestSpecification } from "vitest/node";
import { failures, OrderReporter, retried, slowestTests } from "../../support/order-reporter.ts";

const projectNamed = (name: string, groupOrder: number) => ({
  name,
  config: { maxWorkers: 3, sequence: { groupOrder } },
});
const UNIT = projectNamed("unit", 0);
const INTEGRATION = projectNamed("integration", 1);

interface Failures {
  /** Tests that failed, by their places. */
  readonly failed?: readonly number[];
  /** Those that passed when they were tried again. */
  readonly flaky?: readonly number[];
  /** What the hooks of its suite threw. */
  readonly hooks?: readonly string[];
}

/** A file whose tests took so long; undefined for one that was skipped. */
function moduleOf(
  project: typeof UNIT,
  path: string,
  durations: readonly (number | undefined)[],
  { failed = [], flaky = [], hooks = [] }: Failures = {},
): TestModule {
  const module = { project, relativeModuleId: path };
  const tests = durations.map((duration, index) => ({
    module,
    fullName: `test ${index}`,
    diagnostic: () => (duration === undefined ? undefined : { duration, flaky: flaky.includes(index) }),
    result: () => ({ errors: [{ message: `no ${index}\nand more` }] }),
  }));
  return Object.assign(module, {
    errors: () => [],
    children: {
      allTests: (state?: "failed" | "passed") =>
        tests
          .filter((_, index) => state === undefined || (state === "failed") === failed.includes(index))
          .values(),
      allSuites: () =>
        [{ fullName: "a suite", errors: () => hooks.map((message) => ({ message })) }].values(),
    },
  }) as unknown as TestModule;
}

test("the slowest tests of all files come first, and no more than asked for", () => {
  const modules = [
    moduleOf(UNIT, "a.test.ts", [1, undefined, 2000]),
    moduleOf(INTEGRATION, "b.test.ts", [61_230, 5]),
  ];
  expect(slowestTests(modules, 3)).toEqual([
    "  61.2 s  b.test.ts > test 0",
    "   2.0 s  a.test.ts > test 2",
    "   0.0 s  b.test.ts > test 1",
  ]);
});

test("what failed is told with the end of its error", () => {
  const modules = [
    moduleOf(UNIT, "a.test.ts", [1, 2], { failed: [1] }),
    moduleOf(INTEGRATION, "b.test.ts", [3], { hooks: ["no engine"] }),
    moduleOf(INTEGRATION, "c.test.ts", [4]),
  ];
  expect(failures(modules)).toEqual([
    "  a.test.ts > test 1:\n    no 1\n    and more",
    "  b.test.ts > a suite:\n    no engine",
  ]);
});

test("what passed only when it was tried again is told", () => {
  const modules = [
    moduleOf(UNIT, "a.test.ts", [1, 2], { failed: [0] }),
    moduleOf(UNIT, "b.test.ts", [3, 4], { flaky: [1] }),
  ];
  expect(retried(modules)).toEqual(["  b.test.ts > test 1"]);
});

test("the order of the projects is told before, each when it starts, and the slowest tests at the end", () => {
  const written = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const modules = [
    moduleOf(UNIT, "a.test.ts", [1]),
    moduleOf(INTEGRATION, "b.test.ts", [2]),
    moduleOf(INTEGRATION, "c.test.ts", [3]),
  ];
  const reporter = new OrderReporter();
  const specifications = modules.toReversed().map(({ project }) => ({ project }));
  reporter.onTestRunStart(specifications as unknown as TestSpecification[]);
  for (const module of modules) reporter.onTestModuleStart(module);
  reporter.onTestRunEnd(modules);
  const lines = written.mock.calls.map(([text]) =>
    String(text)
      .trim()
      .replace(/[\d.]+ s$/, "N s"),
  );
  expect(lines).toEqual([
    "In this order: unit, integration",
    "unit: 1 files, 3 at a time",
    "unit: ended after N s",
    "integration: 2 files, 3 at a time",
    "integration: ended after N s",
    "The slowest tests:\n   0.0 s  c.test.ts > test 0\n   0.0 s  b.test.ts > test 0\n   0.0 s  a.test.ts > test 0".trim(),
  ]);
});

test("a run of one file needs none of that", () => {
  const written = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const module = moduleOf(UNIT, "a.test.ts", [1]);
  const reporter = new OrderReporter();
  reporter.onTestRunStart([{ project: UNIT }] as unknown as TestSpecification[]);
  reporter.onTestModuleStart(module);
  reporter.onTestRunEnd([module]);
  expect(written).not.toHaveBeenCalled();
});
