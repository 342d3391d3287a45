/**
 * Run record: what one run was asked to do and how far it came, `__graphform/runs/<run id>.json` (design 7: work is in
 * run records, messages only prompt). A run that is stopped between two effects is `continuing` and goes on under the
 * same id and with the same plan, in another process if need be; each of these is an attempt.
 *
 * A record decides nothing about graphs: what was done is in the ledger and its history. It says what is left to do,
 * and for whom. The transitions are made here and nowhere else, each with an id of its own, so that no two versions
 * have equal bytes and a late put can never bring an earlier state back.
 *
 * Guarantees: pure. Field order is the JSON order; the format changes only with `format_version`; reading is strict.
 * `decode(encode(r)) = r`.
 */
import { z } from "zod";
import { assert } from "../../digest/assert.ts";
import type { Digest } from "../../digest/digest.ts";
import { type GraphId, isUlid, type PlanId, type RunId } from "../../digest/ids.ts";
import type { LoadMode } from "../../engine/engine.ts";
import type { GitOrigin } from "../../ledger/receipt.ts";
import { readDocument } from "../../ledger/typed-document.ts";
import { RUN_ATTEMPTS_KEPT_MAX, RUN_RECORD_BYTES_MAX } from "../limits.ts";
import { caller, exported, graphId, instant, load, upload } from "./order-shapes.ts";

export const RUN_RECORD_FORMAT_VERSION = 1;

export const RUN_OPERATIONS = ["apply", "refresh", "import", "recover", "load", "export"] as const;
export type RunOperation = (typeof RUN_OPERATIONS)[number];

/** `plan`: make the plan, keep it and stop. `auto`: run what no approval gates. */
export const RUN_MODES = ["plan", "auto"] as const;
export type RunMode = (typeof RUN_MODES)[number];

/** `running` without a holder of the lease is a run that died: it goes on like one that is `continuing`. */
export const RUN_STATES = ["queued", "running", "continuing", "waiting_approval", "ended"] as const;
export type RunState = (typeof RUN_STATES)[number];

/**
 * What an ended run came to; `planned` is the end of mode `plan`, and of an upload that something newer has overtaken;
 * `loaded` is that of a load, `exported` that of an export, the others are those of an apply.
 */
export const RUN_OUTCOMES = [
  "planned",
  "loaded",
  "exported",
  "applied",
  "noop",
  "partial",
  "refused",
  "unknown",
  "canceled",
] as const;
export type RunOutcome = (typeof RUN_OUTCOMES)[number];

/** One process that worked on the run. */
export interface RunAttempt {
  /** 1, 2, 3 ...; only the newest attempts are kept. */
  readonly number: number;
  /** Who held the lease: `host:pid` or a function name. */
  readonly owner: string;
  readonly actor: string | null;
  readonly trigger: string;
  /** RFC 3339 UTC. */
  readonly started_at: string;
  /** How long it was allowed to begin effects; null: as long as it liked. */
  readonly stop_after_ms: number | null;
  /** Null while it works, and for ever if it died. */
  readonly ended_at: string | null;
}

/** Who ordered the run, as the deployment had verified it: what policy decides by when the run is at work. */
export interface RunCaller {
  readonly actor: string;
  readonly source: "iam" | "jwt" | "local";
  readonly canonical: string;
  readonly session: string | null;
  readonly amr: readonly string[];
  readonly claim_groups: readonly string[];
}

/** The rows of a run that loads. */
export interface RunLoad {
  readonly graph: GraphId;
  readonly mode: LoadMode;
  /** The object in the inbox. */
  readonly upload_key: string;
  /** The head version before the first attempt: what the run has loaded, if anything, is above it. Null before that. */
  readonly since_version: number | null;
}

/** The rows that a run writes into a file for whoever ordered it. */
export interface RunExport {
  readonly graph: GraphId;
  /** Manifest version; null: the newest when the run is at work. */
  readonly version: number | null;
  readonly edge_ids: boolean;
}

/** The upload of a config folder that asked for the run. */
export interface RunUpload {
  /** The object in the inbox. */
  readonly key: string;
  /** When its store took the version that the run is about, RFC 3339 UTC; null: the store does not say. */
  readonly uploaded_at: string | null;
}

/** Attempts of workers, one after another, that stopped at their deadline and had brought the run no further. */
export interface RunStalled {
  readonly stops: number;
  /** Changes that were not done. */
  readonly left: number;
}

/** What was asked for; it never changes. */
export interface RunOrder {
  readonly run_id: RunId;
  /** Two orders of one key are one run; null: every order is a run of its own. */
  readonly idempotency_key: string | null;
  readonly operation: RunOperation;
  readonly mode: RunMode;
  /** The files that the run is about: `__graphform/bundles/<digest>.zip`, or a folder that has them. */
  readonly bundle_digest: Digest | null;
  readonly actor: string | null;
  /** What started the run: `cli`, `api`, `schedule`, `upload`. */
  readonly trigger: string;
  readonly git: GitOrigin | null;
  /** Graph ids; null: everything. */
  readonly targets: readonly GraphId[] | null;
  /** Somebody said that the run may delete more graphs than the deployment lets one run delete. */
  readonly allow_mass_delete: boolean;
  /** The reviewed plan that an apply is ordered to carry out. */
  readonly reviewed_plan_id?: PlanId | null;
  /** Plan the destruction of what soft drops of this graph have hidden, and nothing else. */
  readonly purge?: GraphId | null;
  readonly load?: RunLoad | null;
  readonly export?: RunExport | null;
  readonly upload?: RunUpload | null;
  /** Null: nobody is known to have ordered it. */
  readonly caller?: RunCaller | null;
  /** RFC 3339 UTC. */
  readonly created_at: string;
}

export interface RunRecord extends RunOrder {
  readonly reviewed_plan_id: PlanId | null;
  readonly purge: GraphId | null;
  readonly load: RunLoad | null;
  readonly export: RunExport | null;
  readonly upload: RunUpload | null;
  readonly caller: RunCaller | null;
  readonly format_version: typeof RUN_RECORD_FORMAT_VERSION;
  readonly state: RunState;
  /** Null until the run has ended. */
  readonly outcome: RunOutcome | null;
  /** The plan that the run carries out, reviewed or its own; null before there is one. */
  readonly plan_id: PlanId | null;
  readonly started_at: string | null;
  /** Since when it is tried without waiting for anybody, RFC 3339 UTC; absent: since it was started, if it does not wait. */
  readonly tried_since?: string | undefined;
  /** Absent: the newest attempt that stopped at its deadline had brought the run further, or there is none. */
  readonly stalled?: RunStalled | undefined;
  /** It has waited for an approval, so its kept answer says what it had left undone then; absent while it waits first. */
  readonly has_waited?: true | undefined;
  readonly ended_at: string | null;
  /** Oldest first. */
  readonly attempts: readonly RunAttempt[];
  /** Codes of what the last attempt reported, each once. */
  readonly diagnostics: readonly string[];
  /** ULID of the write that made this version. */
  readonly change_id: string;
}

export type RunRecordDecoding =
  | { readonly tag: "decoded"; readonly record: RunRecord }
  | { readonly tag: "invalid"; readonly detail: string };

const ulid = z.string().refine(isUlid, "is not a ULID");

const attempt = z.strictObject({
  number: z.int().positive(),
  owner: z.string(),
  actor: z.string().nullable(),
  trigger: z.string(),
  started_at: instant,
  stop_after_ms: z.int().positive().nullable(),
  ended_at: instant.nullable(),
});

const shape = z.strictObject({
  format_version: z.literal(RUN_RECORD_FORMAT_VERSION),
  run_id: ulid.transform((text) => text as RunId),
  idempotency_key: z.string().nullable(),
  operation: z.enum(RUN_OPERATIONS),
  mode: z.enum(RUN_MODES),
  state: z.enum(RUN_STATES),
  outcome: z.enum(RUN_OUTCOMES).nullable(),
  plan_id: ulid.transform((text) => text as PlanId).nullable(),
  bundle_digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "is not a SHA-256")
    .transform((text) => text as Digest)
    .nullable(),
  actor: z.string().nullable(),
  trigger: z.string(),
  git: z
    .strictObject({ commit: z.string(), ref: z.string().nullable(), repository: z.string().nullable() })
    .nullable(),
  targets: z.array(graphId).nullable(),
  allow_mass_delete: z.boolean(),
  // Records of earlier programs have none of these.
  reviewed_plan_id: ulid
    .transform((text) => text as PlanId)
    .nullable()
    .default(null),
  purge: graphId.nullable().default(null),
  load: load.nullable().default(null),
  export: exported.nullable().default(null),
  upload: upload.nullable().default(null),
  caller: caller.nullable().default(null),
  created_at: instant,
  started_at: instant.nullable(),
  tried_since: instant.optional(),
  stalled: z.strictObject({ stops: z.int().positive(), left: z.int().nonnegative() }).optional(),
  has_waited: z.literal(true).optional(),
  ended_at: instant.nullable(),
  attempts: z.array(attempt).max(RUN_ATTEMPTS_KEPT_MAX),
  diagnostics: z.array(z.string()),
  change_id: ulid,
});

export function encodeRunRecord(record: RunRecord): Uint8Array {
  const document = {
    format_version: record.format_version,
    run_id: record.run_id,
    idempotency_key: record.idempotency_key,
    operation: record.operation,
    mode: record.mode,
    state: record.state,
    outcome: record.outcome,
    plan_id: record.plan_id,
    bundle_digest: record.bundle_digest,
    actor: record.actor,
    trigger: record.trigger,
    git: record.git,
    targets: record.targets,
    allow_mass_delete: record.allow_mass_delete,
    reviewed_plan_id: record.reviewed_plan_id,
    purge: record.purge,
    load: record.load,
    // Left out of every other run, so that workers of an earlier program read those.
    export: record.export ?? undefined,
    upload: record.upload ?? undefined,
    caller: record.caller,
    created_at: record.created_at,
    started_at: record.started_at,
    tried_since: record.tried_since,
    stalled: record.stalled,
    has_waited: record.has_waited,
    ended_at: record.ended_at,
    attempts: record.attempts,
    diagnostics: record.diagnostics,
    change_id: record.change_id,
  } satisfies Record<keyof RunRecord, unknown>;
  return Buffer.from(`${JSON.stringify(document, null, 2)}\n`, "utf8");
}

/** The record in `bytes`, or what is wrong with them. A newer format is wrong for this program. */
export function decodeRunRecord(bytes: Uint8Array): RunRecordDecoding {
  const read = readDocument(bytes, shape, RUN_RECORD_BYTES_MAX);
  if (read.tag === "invalid") return read;
  const { state, outcome, ended_at, started_at, attempts } = read.value;
  const ended = state === "ended";
  if (ended !== (outcome !== null) || ended !== (ended_at !== null)) {
    return { tag: "invalid", detail: "an ended run has an outcome and an end, any other has none" };
  }
  if ((started_at === null) !== (attempts.length === 0)) {
    return { tag: "invalid", detail: "a run has started with its first attempt" };
  }
  return { tag: "decoded", record: read.value };
}

/** The first version of a run that nobody has worked on. */
export function queuedRun(order: RunOrder, change_id: string): RunRecord {
  return {
    ...order,
    reviewed_plan_id: order.reviewed_plan_id ?? null,
    purge: order.purge ?? null,
    load: order.load ?? null,
    export: order.export ?? null,
    upload: order.upload ?? null,
    caller: order.caller ?? null,
    format_version: RUN_RECORD_FORMAT_VERSION,
    state: "queued",
    outcome: null,
    plan_id: null,
    started_at: null,
    ended_at: null,
    attempts: [],
    diagnostics: [],
    change_id,
  };
}

/** The next version: a process that holds the lease works on the run, whatever became of those before it. */
export function attemptedRun(
  record: RunRecord,
  attempt: Omit<RunAttempt, "number" | "ended_at">,
  change_id: string,
): RunRecord {
  assert(record.state !== "ended", "a run that has ended is not worked on");
  const waited = record.state === "waiting_approval";
  const number = 1 + (record.attempts.at(-1)?.number ?? 0);
  const attempts = [...record.attempts, { number, ...attempt, ended_at: null }];
  return {
    ...record,
    state: "running",
    started_at: record.started_at ?? attempt.started_at,
    // From the first attempt on, its beginning counts: what kept the run from one may be long over.
    tried_since:
      record.started_at === null
        ? undefined
        : (record.tried_since ?? (waited ? attempt.started_at : undefined)),
    has_waited: record.has_waited ?? (waited ? true : undefined),
    attempts: attempts.slice(-RUN_ATTEMPTS_KEPT_MAX),
    diagnostics: [],
    change_id,
  };
}

/** The next version: at this time the world has kept somebody from working on the run. The first time counts. */
export function triedRun(record: RunRecord, at: string, change_id: string): RunRecord {
  return { ...record, tried_since: record.tried_since ?? at, change_id };
}

/** The next version: this is the plan that the run carries out from now on. */
export function plannedRun(record: RunRecord, plan_id: PlanId, change_id: string): RunRecord {
  assert(record.state === "running" && record.plan_id === null, "a run gets one plan, while it runs");
  return { ...record, plan_id, change_id };
}

/** The next version: the graph is at this version, and nothing of the run is in it yet. */
export function loadingRun(record: RunRecord, since_version: number, change_id: string): RunRecord {
  const { load } = record;
  assert(load !== null && load.since_version === null, "a load begins once");
  return { ...record, load: { ...load, since_version }, change_id };
}

/** How an attempt ended. */
export interface AttemptEnd {
  /** RFC 3339 UTC. */
  readonly at: string;
  readonly codes: readonly string[];
}

/** What came before a wait says nothing of the world after it. */
const BEGINS_ANEW: Pick<RunRecord, "tried_since" | "stalled"> = {};

/** The next version: the attempt is over and the run is not. */
export function pausedRun(
  record: RunRecord,
  state: "continuing" | "waiting_approval",
  end: AttemptEnd,
  change_id: string,
): RunRecord {
  const { tried_since, stalled } = state === "waiting_approval" ? BEGINS_ANEW : record;
  return { ...withEnd(record, end), state, tried_since, stalled, change_id };
}

/** The last version. */
export function endedRun(
  record: RunRecord,
  outcome: RunOutcome,
  end: AttemptEnd,
  change_id: string,
): RunRecord {
  return { ...withEnd(record, end), state: "ended", outcome, ended_at: end.at, change_id };
}

function withEnd(record: RunRecord, { at, codes }: AttemptEnd): RunRecord {
  assert(record.state !== "ended", "a run ends once");
  const last = record.attempts.length - 1;
  const attempts = record.attempts.map((each, index) =>
    index === last && each.ended_at === null ? { ...each, ended_at: at } : each,
  );
  return { ...record, attempts, diagnostics: [...new Set(codes)].sort() };
}
