import { defineConfig } from "vitest/config";

/**
 * Tests that look at which modules a process has loaded, replace one, or load handlers under an environment need a
 * process of their own.
 */
const ISOLATED = [
  "test/functions/flow.test.ts",
  "test/functions/faults.test.ts",
  "test/functions/hundred-clusters.test.ts",
  "test/functions/whole-flow.test.ts",
  "test/functions/dead-letters.test.ts",
  "test/functions/frozen-apply.test.ts",
  "test/functions/killed-apply.test.ts",
  "test/functions/killed-tasks.test.ts",
  "test/policy/cedar-is-lazy.test.ts",
  ...["begin", "retries", "settlement", "token"].map((bug) => `test/sim/${bug}-bug.test.ts`),
];

const common = {
  pool: "forks",
  testTimeout: 60_000,
  env: { RUST_LOG: "off", LANCEDB_LOG: "off" },
} as const;

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      // Files share their worker's modules: loading them anew for each file took longer than most files do.
      {
        test: {
          ...common,
          name: "shared",
          include: ["test/**/*.test.ts"],
          exclude: ISOLATED,
          isolate: false,
        },
      },
      { test: { ...common, name: "isolated", include: ISOLATED } },
    ],
  },
});
