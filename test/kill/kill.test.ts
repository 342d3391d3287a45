/** The real thing: processes that die at any moment, on a folder with rows in Lance (design 7; reliability 6.3). */
import { describe, expect, it } from "vitest";
import { killRounds } from "./rounds.ts";

/** `npm run soak` goes on for 200. */
const ROUNDS = 9;
const SEED = 20_260_101;
const TIMEOUT_MS = 600_000;

describe("Commands that are killed with SIGKILL or stopped and continued", () => {
  it(
    "lose no row and no revision, and whoever takes over converges and leaves nothing open (L1, L4, L5, L7, A2, A3, A4, A7, K4, R2, R6)",
    async () => {
      const { phases, rows, revisions } = await killRounds({ rounds: ROUNDS, seed: SEED });
      expect(phases.size).toBeGreaterThanOrEqual(5);
      expect({ rows: rows > 100, revisions: revisions > ROUNDS }).toEqual({ rows: true, revisions: true });
    },
    TIMEOUT_MS,
  );
});
