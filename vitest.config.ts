import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defaultExclude, defineConfig } from "vitest/config";
import { OrderReporter } from "./test/support/order-reporter.ts";

/**
 * Integration tests that change or count what the whole engine has, or build without its cache: each of them runs with nothing
 * beside it. What a builder makes again for one build, the builds beside it wait for.
 */
const ALONE = [
  "kills", // counts what all containers and builds of the engine leave
  "interrupt", // counts the builder's running builds, and leaves what the next mkimage removes
  "no-emulation", // switches off the kernel's emulator, and builds without cache
  "proxy", // counts what the steps of one build fetch: those of a build without cache beside it are run again
  "reproducible", // compares builds without cache
].map((name) => `test/integration/${name}.test.ts`);

const integration = {
  testTimeout: 10 * 60_000,
  hookTimeout: 10 * 60_000,
  // .ci/run: what fails once on a busy machine and then passes is told as such, and is no failure.
  retry: Number(process.env["RETRY"] ?? 0),
};

export default defineConfig({
  // Not in node_modules: make tells by its time whether the packages are those of package.json.
  cacheDir: "test/.report/vite",
  test: {
    reporters: ["default", "json", new OrderReporter()],
    outputFile: { json: "test/.report/vitest.json" },
    // `make golden`: write the golden files anew.
    update: process.env["UPDATE_GOLDEN"] === "1",
    pool: "forks",
    // The command line is started hundreds of times: its files are compiled once.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, "test/.report/compiled") },
    unstubEnvs: true,
    restoreMocks: true,
    // In this order: a project starts when the one before it has ended.
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          testTimeout: 15_000,
          maxWorkers: availableParallelism(),
          sequence: { groupOrder: 0 },
        },
      },
      {
        // With a real engine. Most of the time it is the engine that works, so there are more files than CPUs.
        extends: true,
        test: {
          ...integration,
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          exclude: [...defaultExclude, ...ALONE],
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          ...integration,
          name: "integration-alone",
          include: ALONE,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
