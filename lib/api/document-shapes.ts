/**
 * The documents that the API answers, as its OpenAPI document describes them: the fields that every reader needs. They
 * are the documents that the command line prints with `--json`, and may hold more than is described.
 */
import { z } from "@hono/zod-openapi";
import { diagnosticShape } from "./problem-shape.ts";

const output = z.looseObject({
  ok: z.boolean(),
  format_version: z.int(),
  diagnostics: z.array(diagnosticShape),
});

const digests = z.record(z.string(), z.string());

export const statusShape = output
  .extend({
    state_observations: z.looseObject({}),
    resource_digests: digests,
    resource_statuses: z.record(z.string(), z.looseObject({ status: z.string() })),
    observations: z.record(z.string(), z.unknown()),
    protected: z.record(z.string(), z.unknown()),
  })
  .openapi("Status");

export const fsckShape = z
  .looseObject({
    ok: z.boolean(),
    format_version: z.int(),
    counts: z.record(z.string(), z.int()),
    facts: z.array(z.looseObject({ verdict: z.string() })),
  })
  .openapi("Fsck");

export const ledgerShape = z
  .looseObject({
    version: z.int(),
    state_revision: z.int(),
    applied_revision: z.looseObject({
      resources: z.record(z.string(), z.looseObject({ digest: z.string() })),
    }),
  })
  .openapi("Ledger");

export const servingSnapshotShape = z
  .looseObject({
    format_version: z.int(),
    state_revision: z.int(),
    state_cas: z.string(),
    graphs: z.array(z.looseObject({ graph: z.string(), root: z.string() })),
    queries: z.array(z.looseObject({ address: z.string(), digest: z.string(), source: z.string() })),
    policies: z.array(z.looseObject({ address: z.string(), digest: z.string(), source: z.string() })),
    quarantined: z.array(z.string()),
    diagnostics: z.array(diagnosticShape),
  })
  .openapi("ServingSnapshot");

export const receiptShape = z
  .looseObject({
    format_version: z.int(),
    revision: z.int(),
    commit_id: z.string(),
    kind: z.string(),
    run_id: z.string().nullable(),
    actor: z.string().nullable(),
    at: z.string().nullable(),
  })
  .openapi("Receipt");

export const callerShape = z
  .object({
    actor: z.string(),
    source: z.enum(["iam", "jwt", "local"]),
    canonical: z.string(),
    groups: z.array(z.string()),
    amr: z.array(z.string()),
  })
  .openapi("Caller");

export const clusterShape = z.object({ cluster: z.string() }).openapi("Cluster");

export const queryShape = z
  .object({ name: z.string(), digest: z.string(), mutation: z.boolean() })
  .openapi("StoredQuery");

export const validateShape = output.extend({ resource_digests: digests }).openapi("Validation");

export const planShape = z
  .looseObject({
    format_version: z.int(),
    plan_id: z.string(),
    run_id: z.string(),
    created_at: z.string(),
    actor: z.string().nullable(),
    changes: z.array(z.looseObject({ resource: z.string(), operation: z.string(), disposition: z.string() })),
    diagnostics: z.array(diagnosticShape),
  })
  .openapi("Plan");

export const runShape = z
  .looseObject({ run: z.looseObject({ run_id: z.string(), state: z.string() }), output: z.unknown() })
  .openapi("Run");

export const exportShape = z
  .looseObject({
    run: z.looseObject({ run_id: z.string(), state: z.string() }),
    output: z.unknown(),
    link: z.object({ url: z.string(), expires_at: z.string() }).nullable(),
  })
  .openapi("Export");

export const operateShape = output
  .extend({ operation: z.string(), run_id: z.string(), outcome: z.string(), result: z.unknown() })
  .openapi("Operation");

export const approveShape = output
  .extend({ approval_id: z.string().optional(), resource: z.string().optional() })
  .openapi("Approve");

export const approvalShape = z
  .looseObject({ approval_id: z.string(), resource: z.string(), standing: z.looseObject({}) })
  .openapi("Approval");

export const commandShape = output.openapi("Command");

export const bundleShape = z
  .object({ format_version: z.int(), bundle_digest: z.string(), diagnostics: z.array(diagnosticShape) })
  .openapi("KeptBundle");

export const uploadShape = z
  .object({
    format_version: z.int(),
    upload_id: z.string(),
    bytes_max: z.int(),
    url: z.string(),
    method: z.literal("PUT"),
    headers: z.record(z.string(), z.string()),
    expires_at: z.string(),
  })
  .openapi("Upload");
