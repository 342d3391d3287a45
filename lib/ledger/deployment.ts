/**
 * Deployment: `__graphform/deployment.json` names the lease table that protects the storage root and who owns the root
 * (design 3). Two clients with two lease tables would not see each other; so a client that cannot reach the named
 * table refuses to write. The record is made at import; only the restore of a backup ever changes it, its own.
 */
import { z } from "zod";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { parseJsonBytes } from "./json-text.ts";
import { DEPLOYMENT_KEY } from "./keys.ts";
import { putOnce, readObjectRetrying, type StorePorts } from "./retry.ts";

export const DEPLOYMENT_FORMAT_VERSION = 1;

/**
 * Which lease table. `name` means what the kind makes of it: a table's name and region, a folder below the root. `restore`
 * is none: a backup is being restored there, and until that is over nobody may write.
 */
export interface LeaseTableName {
  readonly kind: "file" | "memory" | "dynamodb" | "restore";
  readonly name: string;
}

/** The lease table of a folder lies in the folder itself. */
export const FILE_LEASE_TABLE: LeaseTableName = { kind: "file", name: "__graphform/lease" };

export interface Deployment {
  readonly format_version: typeof DEPLOYMENT_FORMAT_VERSION;
  /** Name of the deployment, or of the person, that owns the root. */
  readonly owner: string;
  readonly lease_table: LeaseTableName;
}

export type DeploymentCheck =
  | { readonly tag: "ours"; readonly deployment: Deployment }
  /** Nobody has imported the cluster with Graphform yet. */
  | { readonly tag: "absent" }
  /** Another table protects the root, or it is not known which: do not write. */
  | { readonly tag: "refused"; readonly diagnostics: readonly Diagnostic[] };

const shape = z.strictObject({
  format_version: z.literal(DEPLOYMENT_FORMAT_VERSION),
  owner: z.string(),
  lease_table: z.strictObject({ kind: z.enum(["file", "memory", "dynamodb", "restore"]), name: z.string() }),
});

/** The bytes of the record. */
export function encodeDeployment({ owner, lease_table }: Deployment): Uint8Array {
  const { kind, name } = lease_table;
  const document = { format_version: DEPLOYMENT_FORMAT_VERSION, owner, lease_table: { kind, name } };
  return Buffer.from(`${JSON.stringify(document, null, 2)}\n`, "utf8");
}

/** The record in `bytes`, or null if they are none of this format. */
export function decodeDeployment(bytes: Uint8Array): Deployment | null {
  const document = parseJsonBytes(bytes);
  const parsed = shape.safeParse(document.tag === "parsed" ? document.value : null);
  return parsed.success ? parsed.data : null;
}

function judge(bytes: Uint8Array, table: LeaseTableName): DeploymentCheck {
  const deployment = decodeDeployment(bytes);
  if (deployment === null) {
    const message = "The record of who owns the storage root is not readable.";
    return refused(diagnostic("deployment_invalid", { path: DEPLOYMENT_KEY, message }));
  }
  const { kind, name } = deployment.lease_table;
  if (kind === table.kind && name === table.name) return { tag: "ours", deployment };
  const belongs = `The storage root belongs to ${deployment.owner}`;
  const message =
    kind === "restore"
      ? `${belongs}, and a backup is being restored there, as ${name} says. Repeat the restore if it broke off.`
      : `${belongs}, whose lease is ${kind} ${name}; this client has ${table.kind} ${table.name}.`;
  return refused(diagnostic("deployment_mismatch", { path: DEPLOYMENT_KEY, message }));
}

function refused(...diagnostics: readonly Diagnostic[]): DeploymentCheck {
  return { tag: "refused", diagnostics };
}

/** May a client of `table` write here? */
export async function checkDeployment(ports: StorePorts, table: LeaseTableName): Promise<DeploymentCheck> {
  const stored = await readObjectRetrying(ports, DEPLOYMENT_KEY);
  if (stored.tag === "absent") return stored;
  if (stored.tag === "found") return judge(stored.bytes, table);
  const message = `The record of who owns the storage root could not be read: ${stored.reason}.`;
  return refused(diagnostic("state_read_error", { path: DEPLOYMENT_KEY, message }));
}

/** Makes the record, or checks the one that is there; `ours` afterwards means that this client may write. */
export async function claimDeployment(
  ports: StorePorts,
  owner: string,
  table: LeaseTableName,
): Promise<Exclude<DeploymentCheck, { tag: "absent" }>> {
  const deployment: Deployment = { format_version: DEPLOYMENT_FORMAT_VERSION, owner, lease_table: table };
  const put = await putOnce(ports, DEPLOYMENT_KEY, encodeDeployment(deployment));
  if (put.tag === "present") return { tag: "ours", deployment };
  if (put.tag === "other") {
    const check = judge(put.bytes, table);
    if (check.tag !== "absent") return check;
  }
  const reason = put.tag === "other" ? "its name is taken" : put.reason;
  const message = `The record of who owns the storage root could not be written: ${reason}.`;
  return {
    tag: "refused",
    diagnostics: [diagnostic("state_write_error", { path: DEPLOYMENT_KEY, message })],
  };
}
