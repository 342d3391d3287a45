import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Tests that look at which modules a process has loaded, replace one, or load handlers under an environment need a
 * process of their own.
 */
const ISOLATED = [
  "test/functions/flow.test.ts",
  "test/functions/both-authorizers.test.ts",
  "test/functions/faults.test.ts",
  "test/functions/hundred-clusters.test.ts",
  "test/functions/large.test.ts",
  "test/functions/whole-flow.test.ts",
  "test/policy/cedar-is-lazy.test.ts",
  ...["begin", "retries", "settlement", "token"].map((bug) => `test/sim/${bug}-bug.test.ts`),
];

/** What takes longest begins first, so that no worker is alone with it at the end. */
const LONGEST = [
  "test/kill/kill.test.ts",
  "test/sim/enumeration.test.ts",
  "test/functions/hundred-clusters.test.ts",
  "test/cli/api-flow.test.ts",
  "test/functions/dead-letters.test.ts",
  "test/functions/killed-apply.test.ts",
  "test/cli/interrupts.test.ts",
  "test/cli/api-left.test.ts",
  "test/sim/universes.test.ts",
  "test/aws/engine.test.ts",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const index = LONGEST.findIndex((name) => moduleId.endsWith(name));
      return index === -1 ? LONGEST.length : index;
    };
    const sorted = await super.sort(files);
    return sorted.sort((one, other) => rank(one) - rank(other));
  }
}

const common = {
  pool: "forks",
  testTimeout: 60_000,
  env: { RUST_LOG: "off", LANCEDB_LOG: "off" },
} as const;

export default defineConfig({
  test: {
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
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
