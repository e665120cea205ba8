import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    reporters: ["default", "json"],
    outputFile: { json: "test/.report/vitest.json" },
    // `make golden`: write the golden files anew.
    update: process.env["UPDATE_GOLDEN"] === "1",
    pool: "forks",
    unstubEnvs: true,
    restoreMocks: true,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          testTimeout: 15_000,
        },
      },
      {
        // With a real engine: one scenario at a time, after the unit tests.
        extends: true,
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          testTimeout: 10 * 60_000,
          hookTimeout: 10 * 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
