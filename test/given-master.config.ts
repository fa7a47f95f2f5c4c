import { defineConfig } from "vitest/config";
import { CountingReporter } from "./reporter.ts";

const minute = 60_000;

/** What `npm test -- --master URL` runs: the suite of masters against that one, and nothing else. */
export default defineConfig({
  test: {
    name: "given-master",
    reporters: ["verbose", new CountingReporter()],
    include: ["packages/jenkins-simulator/src/given-master.given.test.ts"],
    setupFiles: ["test/leftovers.setup.ts"],
    testTimeout: 5 * minute,
    hookTimeout: 2 * minute,
  },
});
