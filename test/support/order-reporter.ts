import type { Reporter, TestCase, TestModule, TestSpecification } from "vitest/node";

/** How many of the slowest tests are printed. */
const SLOWEST = 10;

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

const durationOf = (test: TestCase): number => test.diagnostic()?.duration ?? 0;

/** The slowest tests, longest first, a line each: `12.3 s  file > suite > test`. Pure. */
export function slowestTests(modules: readonly TestModule[], count = SLOWEST): string[] {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  return tests
    .toSorted((a, b) => durationOf(b) - durationOf(a))
    .slice(0, count)
    .map(
      (test) =>
        `${seconds(durationOf(test)).padStart(8)}  ${test.module.relativeModuleId} > ${test.fullName}`,
    );
}

/** Lines of an error that are printed: the last ones, where the message of a command that failed stands. */
const ERROR_LINES = 8;

/** What failed, each with the end of its error: tests, and suites and files whose hooks or imports did. Pure. */
export function failures(modules: readonly TestModule[]): string[] {
  const line = (place: string, errors: readonly { readonly message: string }[] = []) => {
    const lines = (errors[0]?.message ?? "failed").split("\n").filter((text) => text.trim() !== "");
    return [`  ${place}:`, ...lines.slice(-ERROR_LINES).map((text) => `    ${text.slice(0, 200)}`)].join(
      "\n",
    );
  };
  return modules.flatMap((module) => {
    const file = module.relativeModuleId;
    const failedTests = [...module.children.allTests("failed")].map((test) =>
      line(`${file} > ${test.fullName}`, test.result().errors),
    );
    const suites = [...module.children.allSuites()].flatMap((suite) =>
      suite.errors().length > 0 ? [line(`${file} > ${suite.fullName}`, suite.errors())] : [],
    );
    return [...(module.errors().length > 0 ? [line(file, module.errors())] : []), ...suites, ...failedTests];
  });
}

/** Tests that failed at first and passed when they were tried again, a line each. Pure. */
export const retried = (modules: readonly TestModule[]): string[] =>
  modules
    .flatMap((module) => [...module.children.allTests("passed")])
    .filter((test) => test.diagnostic()?.flaky)
    .map((test) => `  ${test.module.relativeModuleId} > ${test.fullName}`);

/**
 * Says in which order the projects run, when each of them starts and how long it took, and at the end which tests were the
 * slowest and which failed. For runs of several files: for one alone the default reporter says all of that.
 */
export class OrderReporter implements Reporter {
  /** Files of each project, in the order in which the projects run. */
  #files = new Map<string, number>();
  #current: { name: string; since: number } | undefined;

  onTestRunStart(specifications: readonly TestSpecification[]): void {
    this.#files = new Map();
    this.#current = undefined;
    const order = ({ project }: TestSpecification) => project.config.sequence.groupOrder;
    for (const { project } of specifications.toSorted((a, b) => order(a) - order(b))) {
      this.#files.set(project.name, (this.#files.get(project.name) ?? 0) + 1);
    }
    if (this.#files.size > 1) this.#say(`In this order: ${[...this.#files.keys()].join(", ")}`);
  }

  onTestModuleStart({ project }: TestModule): void {
    if (this.#current?.name === project.name) return;
    this.#end();
    this.#current = { name: project.name, since: performance.now() };
    if (this.#files.size > 1) {
      const { maxWorkers } = project.config;
      const files = this.#files.get(project.name);
      this.#say(`${project.name}: ${files} files, ${maxWorkers} at a time`);
    }
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    this.#end();
    if (modules.length <= 1) return;
    this.#say(`The slowest tests:\n${slowestTests(modules).join("\n")}`);
    const again = retried(modules);
    if (again.length > 0) this.#say(`Failed at first, and passed when tried again:\n${again.join("\n")}`);
    const failed = failures(modules);
    // Last, where the end of a long log shows it.
    if (failed.length > 0) this.#say(`Failed:\n${failed.join("\n")}`);
  }

  #end(): void {
    if (this.#current && this.#files.size > 1) {
      this.#say(`${this.#current.name}: ended after ${seconds(performance.now() - this.#current.since)}`);
    }
  }

  #say(text: string): void {
    process.stdout.write(`\n${text}\n`);
  }
}
