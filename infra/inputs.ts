/**
 * Inputs: what whoever deploys decides, in one JSON file, checked before anything is made of it. Everything has a
 * default but the authorizer and the bootstrap principal, which nobody else can know.
 */
import { z } from "zod";
import { parseClusterName } from "../lib/digest/ids.ts";
import { DELETES_MAX_MAX } from "../lib/ledger/limits.ts";
import { authorizer } from "./authorizer.ts";
import { contradictions } from "./contradictions.ts";
import { leftExamples } from "./left-examples.ts";
import {
  CLUSTERS_MAX,
  GRACE_DAYS,
  GRACE_DAYS_MAX,
  VERSION_DAYS,
  VERSION_DAYS_MAX,
  WORKER_MINUTES,
  WORKER_MINUTES_MAX,
  WORKER_MINUTES_MIN,
} from "./limits.ts";

export const INPUTS_FORMAT_VERSION = 1;

const CANONICAL =
  /^(iam-role:arn:aws[a-z-]*:iam::[0-9]{12}:role\/[\w+=,.@-]+(#[\w+=,.@-]+)?|iam-user:arn:aws[a-z-]*:iam::[0-9]{12}:user\/[\w+=,.@/-]+|jwt:[a-z0-9-]+:\S+)$/;
/** As the identity of a caller holds it: without the path that the role has in IAM. */
const ROLE_ARN = /^arn:aws[a-z-]*:iam::[0-9]{12}:role\/[\w+=,.@-]+$/;
const SCHEDULE = /^(rate\((1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))\)|cron\([^()]+\))$/;

const canonical = z
  .string()
  .regex(CANONICAL, "must be iam-role:<role ARN>, iam-user:<user ARN> or jwt:<issuer alias>:<subject>");
const schedule = z
  .string()
  .regex(SCHEDULE, 'must be an expression such as "rate(15 minutes)" or "cron(...)"');

const shape = z.strictObject({
  format_version: z.literal(INPUTS_FORMAT_VERSION),
  stack_name: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,31}$/, "must be at most 32 letters, digits and hyphens")
    .default("graphform"),
  authorizer,
  bootstrap_principal: canonical,
  clusters: z
    .array(z.string().refine((name) => parseClusterName(name) !== null, "is no name of a cluster"))
    .min(1)
    .max(CLUSTERS_MAX)
    .nullable()
    .default(null),
  schedule: z
    .strictObject({
      /** Goes on with what a crash or a lost message left open. */
      watch: schedule.default("rate(5 minutes)"),
      /** Compares every graph with the ledger, and tells of drift. */
      refresh: schedule.default("rate(1 hour)"),
      /** Takes away what deleted graphs and interrupted operations have left, once it may be. */
      reclaim: schedule.default("rate(1 day)"),
    })
    .prefault({}),
  grace_days: z.number().int().min(0).max(GRACE_DAYS_MAX).default(GRACE_DAYS),
  /** After so many days bytes that were replaced or deleted are gone for good. */
  version_days: z.number().int().min(1).max(VERSION_DAYS_MAX).default(VERSION_DAYS),
  notify: z.email().nullable().default(null),
  identity: z
    .strictObject({
      /** Canonical identity to actor id. */
      map: z.record(canonical, z.string().min(1)).default({}),
      /** Each session of such a role is an identity of its own, `iam-role:<role ARN>#<session>`. */
      pinned_session_roles: z
        .array(z.string().regex(ROLE_ARN, "must be the ARN of a role, without its path"))
        .default([]),
      /** Principal of an upload event to canonical identity. */
      uploaders: z.record(z.string().min(1), canonical).default({}),
    })
    .prefault({}),
  rules: z
    .strictObject({
      self_approval: z.enum(["refused", "allowed"]).default("refused"),
      /** With `gated` from the start, the first policy waits for an approval that nobody can give yet. */
      access_widening: z.enum(["free", "gated"]).default("free"),
      deletes_max: z.number().int().nonnegative().max(DELETES_MAX_MAX).default(3),
    })
    .prefault({}),
  unbound_graph: z.enum(["deny", "read"]).default("deny"),
  /** `retain`: the bucket and the table stay when the stack goes. */
  removal: z.enum(["retain", "destroy"]).default("retain"),
  /** May OmniGraph's own command line write sidecars, approvals and payloads, which it does without conditions? */
  omnigraph_writes: z.boolean().default(false),
  worker_minutes: z.number().int().min(WORKER_MINUTES_MIN).max(WORKER_MINUTES_MAX).default(WORKER_MINUTES),
  log_days: z.union([z.literal(7), z.literal(30), z.literal(90), z.literal(365)]).default(90),
  /** Null: arm64 where npm has the build of Lance for it, else x86_64. */
  architecture: z.enum(["arm64", "x86_64"]).nullable().default(null),
});

export type Inputs = z.output<typeof shape>;

export type InputsReading =
  | { readonly tag: "inputs"; readonly inputs: Inputs }
  | { readonly tag: "invalid"; readonly problems: readonly string[] };

/**
 * The inputs in the text of a file, or everything that is wrong with it. `lance`: with a stand-in the stack is looked at
 * and never deployed, so that the inputs may be those of the example.
 */
export function readInputs(text: string, lance: "install" | "stand-in"): InputsReading {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return { tag: "invalid", problems: [`it is not JSON: ${error instanceof Error ? error.message : ""}`] };
  }
  const parsed = shape.safeParse(document);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `${path.join(".") || "the file"}: ${message}`,
    );
    return { tag: "invalid", problems };
  }
  const examples = lance === "install" ? leftExamples(parsed.data) : [];
  const problems = [...contradictions(parsed.data), ...examples];
  return problems.length > 0 ? { tag: "invalid", problems } : { tag: "inputs", inputs: parsed.data };
}
