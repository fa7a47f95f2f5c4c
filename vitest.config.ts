import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { CountingReporter } from "./test/reporter.ts";

const minute = 60_000;
/** A test file with real parts waits for them three quarters of its time: two at once find room on two cores. */
const realWorkers = Math.max(2, Math.floor(availableParallelism() / 2));
const setupFiles = ["test/leftovers.setup.ts"];
const globalSetup = ["test/real-parts.setup.ts"];

/** Three projects, one after the other: what is wrong in a pure test is told before the first server is started. */
export default defineConfig({
  test: {
    reporters: ["default", new CountingReporter()],
    projects: [
      {
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "test/*.test.ts", "test/{simulation,chaos,fuzz,bench}/*.test.ts"],
          exclude: ["**/*.real.test.ts", "**/*.given.test.ts", "**/node_modules/**"],
          setupFiles,
          // Far more than any needs: on a busy machine nothing may fail for being slow.
          testTimeout: minute,
          maxWorkers: "100%",
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "real",
          include: ["packages/*/src/**/*.real.test.ts"],
          setupFiles,
          globalSetup,
          testTimeout: minute,
          hookTimeout: 2 * minute,
          maxWorkers: realWorkers,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: "end-to-end",
          include: ["test/e2e/**/*.test.ts", "test/chaos/*.real.test.ts"],
          setupFiles,
          globalSetup,
          testTimeout: 5 * minute,
          hookTimeout: 5 * minute,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
