/**
 * LockFile: OmniGraph's `__cluster/lock.json` (spec/cluster 6): exactly five keys in this order, two-space layout, no
 * trailing newline, strict on read. It keeps OmniGraph's commands out while one of ours runs, and the other way round.
 */
import { z } from "zod";
import { type Diagnostic, diagnostic, type Severity } from "../diagnostic/diagnostic.ts";
import type { LeaseOperation } from "../ports/lease-table.ts";
import { parseJsonBytes } from "./json-text.ts";
import { LOCK_FILE_KEY } from "./keys.ts";
import { PID_MAX } from "./limits.ts";
import { firstIssue } from "./typed-document.ts";

/** The operations that OmniGraph knows. */
export const LOCK_OPERATIONS = ["plan", "apply", "approve", "refresh", "import"] as const;
export type LockOperation = (typeof LOCK_OPERATIONS)[number];

export interface LockFile {
  readonly version: 1;
  readonly lock_id: string;
  readonly operation: LockOperation;
  /** RFC 3339 UTC. */
  readonly created_at: string;
  readonly pid: number;
}

export type LockFileDecoding =
  | { readonly tag: "lock"; readonly lock: LockFile }
  | { readonly tag: "newer"; readonly version: number }
  | { readonly tag: "invalid"; readonly problem: string };

const shape = z.strictObject({
  version: z.literal(1),
  lock_id: z.string(),
  operation: z.enum(LOCK_OPERATIONS),
  created_at: z.string(),
  pid: z.int().min(0).max(PID_MAX),
});
const versionShape = z.looseObject({ version: z.int() });

/** What OmniGraph calls one of our operations; a recovery is the first half of an apply. */
export function lockOperation(operation: LeaseOperation): LockOperation {
  return operation === "recover" ? "apply" : operation;
}

/** The bytes of a lock file. */
export function encodeLockFile({ lock_id, operation, created_at, pid }: LockFile): Uint8Array {
  return Buffer.from(JSON.stringify({ version: 1, lock_id, operation, created_at, pid }, null, 2), "utf8");
}

/** The lock in `bytes`. */
export function decodeLockFile(bytes: Uint8Array): LockFileDecoding {
  const document = parseJsonBytes(bytes);
  if (document.tag === "invalid") return { tag: "invalid", problem: document.message };
  const version = versionShape.safeParse(document.value);
  if (version.success && version.data.version !== 1) {
    return { tag: "newer", version: version.data.version };
  }
  const parsed = shape.safeParse(document.value);
  if (parsed.success) return { tag: "lock", lock: parsed.data };
  return { tag: "invalid", problem: firstIssue(parsed.error) };
}

/** Why a lock file cannot be used: an error for force-unlock, a warning for status (spec/cluster 2.3). */
export function lockFileProblem(
  decoding: Exclude<LockFileDecoding, { tag: "lock" }>,
  severity: Severity,
): Diagnostic {
  const path = LOCK_FILE_KEY;
  if (decoding.tag === "newer") {
    const message = `The lock file has version ${decoding.version}; this program knows version 1.`;
    return diagnostic("unsupported_state_lock_version", { path, message, severity });
  }
  const message = `The lock file is not a valid lock: ${decoding.problem}.`;
  return diagnostic("invalid_state_lock", { path, message, severity });
}
