/**
 * Upload tickets: what the API wrote down before it gave out a link for an upload (design 9): who asked for it, and what
 * is to be done with what arrives. `uploads/<cluster>/<upload id>.json` among the records of the deployment, put once.
 *
 * Whoever may write into the inbox could write under the name of a ticket, so an upload counts for its ticket only if it
 * carries the secret that was signed into the link; the ticket keeps its digest.
 */
import { z } from "zod";
import type { Caller } from "../access/caller.ts";
import { caller, graphId, instant } from "../apply/runs/order-shapes.ts";
import { RUN_MODES, type RunMode } from "../apply/runs/run-record.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import { sha256 } from "../digest/digest.ts";
import { type ClusterName, type GraphId, isUlid } from "../digest/ids.ts";
import { ARCHIVE_PACKED_BYTES_MAX } from "../intake/limits.ts";
import { UPLOAD_PURPOSES, type UploadPurpose, uploadKey } from "../intake/upload-key.ts";
import { TICKET_METADATA } from "../intake/upload-metadata.ts";
import { parseJsonBytes } from "../ledger/json-text.ts";
import type { GitOrigin } from "../ledger/receipt.ts";
import { putOnce, readObjectRetrying } from "../ledger/retry.ts";
import { timestamp } from "../ports/clock.ts";
import { type StoreKey, storeKey } from "../ports/object-store.ts";
import type { Deployment, PresignedUpload } from "./deployment.ts";
import { LOAD_BYTES_MAX } from "./limits.ts";

export const UPLOAD_TICKET_FORMAT_VERSION = 1;

export interface UploadTicket {
  readonly format_version: typeof UPLOAD_TICKET_FORMAT_VERSION;
  readonly upload_id: string;
  readonly cluster: string;
  /** The object in the inbox. */
  readonly key: string;
  readonly purpose: UploadPurpose;
  /** For a config folder. */
  readonly mode: RunMode;
  /** For rows. */
  readonly graph: GraphId | null;
  readonly git: GitOrigin | null;
  readonly caller: Caller;
  readonly secret_digest: string;
  /** RFC 3339 UTC. */
  readonly created_at: string;
}

const shape = z.strictObject({
  format_version: z.literal(UPLOAD_TICKET_FORMAT_VERSION),
  upload_id: z.string().refine(isUlid, "is not an upload id"),
  cluster: z.string(),
  key: z.string(),
  purpose: z.enum(UPLOAD_PURPOSES),
  mode: z.enum(RUN_MODES),
  graph: graphId.nullable(),
  git: z
    .strictObject({ commit: z.string(), ref: z.string().nullable(), repository: z.string().nullable() })
    .nullable(),
  caller,
  secret_digest: z.string(),
  created_at: instant,
});

export function encodeUploadTicket(ticket: UploadTicket): Uint8Array {
  const document: UploadTicket = {
    format_version: ticket.format_version,
    upload_id: ticket.upload_id,
    cluster: ticket.cluster,
    key: ticket.key,
    purpose: ticket.purpose,
    mode: ticket.mode,
    graph: ticket.graph,
    git: ticket.git,
    caller: ticket.caller,
    secret_digest: ticket.secret_digest,
    created_at: ticket.created_at,
  };
  return Buffer.from(`${JSON.stringify(document, null, 2)}\n`, "utf8");
}

export type TicketDecoding =
  | { readonly tag: "decoded"; readonly ticket: UploadTicket }
  | { readonly tag: "invalid"; readonly detail: string };

export function decodeUploadTicket(bytes: Uint8Array): TicketDecoding {
  const document = parseJsonBytes(bytes);
  if (document.tag === "invalid") return { tag: "invalid", detail: document.message };
  const parsed = shape.safeParse(document.value);
  if (parsed.success) return { tag: "decoded", ticket: parsed.data };
  const issue = parsed.error.issues[0];
  return { tag: "invalid", detail: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "is not valid"}` };
}

export interface UploadRequest {
  readonly purpose: UploadPurpose;
  readonly mode: RunMode;
  readonly graph: GraphId | null;
  readonly git: GitOrigin | null;
  readonly caller: Caller;
}

export type OpenedUpload =
  | { readonly tag: "opened"; readonly ticket: UploadTicket; readonly link: PresignedUpload }
  | { readonly tag: "refused"; readonly diagnostics: readonly Diagnostic[] };

/** Writes the ticket down, then makes the link. */
export async function openUpload(
  deployment: Deployment,
  cluster: ClusterName,
  request: UploadRequest,
): Promise<OpenedUpload> {
  const { ids, clock, inbox, records: store } = deployment;
  const upload_id = ids.next();
  const secret = ids.secret();
  const { purpose, mode, graph, git, caller } = request;
  const key = uploadKey(cluster, upload_id, purpose);
  const ticket: UploadTicket = {
    ...{ format_version: UPLOAD_TICKET_FORMAT_VERSION, upload_id, cluster, key },
    ...{ purpose, mode, graph, git, caller },
    secret_digest: sha256(secret),
    created_at: timestamp(clock),
  };
  const put = await putOnce({ store, clock }, ticketKey(cluster, upload_id), encodeUploadTicket(ticket));
  if (put.tag !== "present") return linkFailed("what the upload is for could not be written down");
  const bytesMax = uploadBytesMax(purpose);
  const link = await inbox.presign(key, bytesMax, { [TICKET_METADATA]: secret });
  return link === null ? linkFailed("the link could not be signed") : { tag: "opened", ticket, link };
}

/** The longest upload of a purpose, in bytes. */
export function uploadBytesMax(purpose: UploadPurpose): number {
  return purpose === "load" ? LOAD_BYTES_MAX : ARCHIVE_PACKED_BYTES_MAX;
}

function linkFailed(reason: string): OpenedUpload {
  const message = `No link for the upload could be made: ${reason}.`;
  return { tag: "refused", diagnostics: [diagnostic("upload_link_failed", { path: "uploads", message })] };
}

function ticketKey(cluster: ClusterName, id: string): StoreKey {
  return storeKey(`uploads/${cluster}/${id}.json`);
}

export type TicketRead =
  | { readonly tag: "found"; readonly ticket: UploadTicket }
  | { readonly tag: "absent" }
  | { readonly tag: "unavailable"; readonly reason: string };

/** The ticket of an upload of this cluster; what is no upload id has none. */
export async function readUploadTicket(
  { records: store, clock }: Pick<Deployment, "records" | "clock">,
  cluster: ClusterName,
  id: string,
): Promise<TicketRead> {
  if (!isUlid(id)) return { tag: "absent" };
  const read = await readObjectRetrying({ store, clock }, ticketKey(cluster, id));
  switch (read.tag) {
    case "absent":
    case "unavailable":
      return read;
    case "found": {
      const decoded = decodeUploadTicket(read.bytes);
      if (decoded.tag === "invalid") return { tag: "unavailable", reason: decoded.detail };
      return { tag: "found", ticket: decoded.ticket };
    }
    default:
      return assertNever(read);
  }
}
