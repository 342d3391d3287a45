/** Limits of plan, apply and recovery, each with its unit. */

/** Independent store calls sent at once (design 12). */
export const WAVE_CALLS_MAX = 64;
/** Rounds of section 7 (a) to (d) that one migrate may take when loads keep moving its graph (design 6). */
export const MIGRATE_ROUNDS_MAX = 4;
/** Open intents that one run reads; more means that something is wrong. */
export const OPEN_INTENTS_MAX = 1_000;
/** Approvals of one cluster, ever: they are facts and are never deleted. */
export const APPROVALS_MAX = 100_000;
/** Approvals that the ledger records as used, the newest, whose evidence every sweep reads nevertheless. */
export const RECORDED_LATELY_MAX = 16;
/** Versions of a graph that are looked at to find out whether it was removed or restored since an approval. */
export const LIFE_VERSIONS_MAX = 2_000;
/** Approvals of one change that do not count and are explained; the newest are. */
export const FLAWED_APPROVALS_MAX = 5;
/** Keys asked for in one listing. */
export const LIST_KEYS_MAX = 1_000;
/** How long a laptop's lease lasts without a renewal, in milliseconds. */
export const LEASE_MS = 60_000;
/** How often the sweep tries to occupy the version that an open intent could still publish. */
export const FENCE_TRIES_MAX = 8;
/** Size of the kept compilations of one graph: some 10,000 queries; more are compiled every time. */
export const COMPILED_BYTES_MAX = 8 * 1024 * 1024;
/** Time that a run with a deadline keeps for recording what it has done. */
export const RECORDING_MS_MAX = 5_000;
/** Size of one run record. */
export const RUN_RECORD_BYTES_MAX = 256 * 1024;
/** Attempts of one run that its record keeps; older ones are in the history of the ledger. */
export const RUN_ATTEMPTS_KEPT_MAX = 50;
/** Runs that have not ended; more means that something is wrong. */
export const OPEN_RUNS_MAX = 10_000;
/** Runs of one cluster, ever, that a listing looks through. */
export const RUNS_MAX = 100_000;
/** How long a run of a deployment is tried again while the world does not answer (runs/retry-time). */
export const RUN_RETRIES_MS_MAX = 6 * 60 * 60 * 1000;
