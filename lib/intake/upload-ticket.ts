/**
 * UploadTicket: what one upload link was given out for, and to whom: `uploads/<upload id>.json` among the records of the
 * deployment. Whoever takes an upload that has a ticket knows its actor from the ticket, never from the file or what was
 * sent with it (design 9).
 *
 * A bundle arrives as `inbox/<cluster>/<upload id>.zip` and is taken as soon as it is there. Rows arrive as
 * `inbox/<cluster>/loads/<upload id>` and wait for the order that names them.
 *
 * Guarantees: field order is the JSON order; the format changes only with `format_version`; reading is strict.
 */
import { z } from "zod";
import { type ClusterName, type GraphId, isUlid, parseClusterName, parseGraphId } from "../digest/ids.ts";
import { parseJsonBytes } from "../ledger/json-text.ts";
import type { GitOrigin } from "../ledger/receipt.ts";
import { type PutOnce, putOnce, readObjectRetrying } from "../ledger/retry.ts";
import type { Clock } from "../ports/clock.ts";
import { type ObjectStore, type StoreKey, storeKey } from "../ports/object-store.ts";

export const UPLOAD_TICKET_FORMAT_VERSION = 1;

/** As the deployment had verified them when they asked for the link. */
export interface TicketHolder {
  readonly actor: string;
  readonly source: "iam" | "jwt" | "local";
  readonly canonical: string;
  readonly session: string | null;
  readonly amr: readonly string[];
  readonly claim_groups: readonly string[];
}

export interface UploadTicket {
  readonly format_version: typeof UPLOAD_TICKET_FORMAT_VERSION;
  readonly upload_id: string;
  readonly cluster: ClusterName;
  readonly purpose: "bundle" | "load";
  /** Of a bundle: plan it and stop, or run what no approval gates. */
  readonly mode: "plan" | "auto";
  /** Of rows: the graph that they are for. */
  readonly graph: GraphId | null;
  readonly git: GitOrigin | null;
  readonly holder: TicketHolder;
  /** RFC 3339 UTC. */
  readonly created_at: string;
}

const shape = z.strictObject({
  format_version: z.literal(UPLOAD_TICKET_FORMAT_VERSION),
  upload_id: z.string().refine(isUlid, "is not a ULID"),
  cluster: z
    .string()
    .refine((text) => parseClusterName(text) !== null, "is not the name of a cluster")
    .transform((text) => text as ClusterName),
  purpose: z.enum(["bundle", "load"]),
  mode: z.enum(["plan", "auto"]),
  graph: z
    .string()
    .refine((text) => parseGraphId(text) !== null, "is not a graph id")
    .transform((text) => text as GraphId)
    .nullable(),
  git: z
    .strictObject({ commit: z.string(), ref: z.string().nullable(), repository: z.string().nullable() })
    .nullable(),
  holder: z.strictObject({
    actor: z.string(),
    source: z.enum(["iam", "jwt", "local"]),
    canonical: z.string(),
    session: z.string().nullable(),
    amr: z.array(z.string()),
    claim_groups: z.array(z.string()),
  }),
  created_at: z.iso.datetime(),
});

export function encodeUploadTicket(ticket: UploadTicket): Uint8Array {
  const { actor, source, canonical, session, amr, claim_groups } = ticket.holder;
  const document: UploadTicket = {
    format_version: ticket.format_version,
    upload_id: ticket.upload_id,
    cluster: ticket.cluster,
    purpose: ticket.purpose,
    mode: ticket.mode,
    graph: ticket.graph,
    git: ticket.git,
    holder: { actor, source, canonical, session, amr, claim_groups },
    created_at: ticket.created_at,
  };
  return Buffer.from(`${JSON.stringify(document, null, 2)}\n`, "utf8");
}

/** The ticket in `bytes`, or null if they are none of this format. */
export function decodeUploadTicket(bytes: Uint8Array): UploadTicket | null {
  const document = parseJsonBytes(bytes);
  const parsed = document.tag === "invalid" ? null : shape.safeParse(document.value);
  return parsed?.success === true ? parsed.data : null;
}

/** Where the file of a ticket arrives. */
export function uploadKey({ cluster, purpose, upload_id }: UploadTicket): string {
  return purpose === "load" ? `inbox/${cluster}/loads/${upload_id}` : `inbox/${cluster}/${upload_id}.zip`;
}

export type UploadAt =
  /** `upload_id` null: it came without a link. */
  | { readonly kind: "bundle"; readonly cluster: ClusterName; readonly upload_id: string | null }
  | { readonly kind: "load"; readonly cluster: ClusterName };

/** What arrives at a key of the inbox; null: nothing that is ever taken. */
export function uploadAt(key: string): UploadAt | null {
  const [inbox, name = "", ...rest] = key.split("/");
  const cluster = parseClusterName(name);
  if (inbox !== "inbox" || cluster === null || rest.length === 0) return null;
  if (rest[0] === "loads") return { kind: "load", cluster };
  const id = rest.length === 1 ? (rest[0]?.replace(/\.zip$/, "") ?? "") : "";
  return { kind: "bundle", cluster, upload_id: isUlid(id) ? id : null };
}

export interface TicketPorts {
  readonly records: ObjectStore;
  readonly clock: Clock;
}

function ticketKey(upload_id: string): StoreKey {
  return storeKey(`uploads/${upload_id}.json`);
}

export function keepUploadTicket({ records, clock }: TicketPorts, ticket: UploadTicket): Promise<PutOnce> {
  return putOnce({ store: records, clock }, ticketKey(ticket.upload_id), encodeUploadTicket(ticket));
}

export type TicketRead =
  | { readonly tag: "found"; readonly ticket: UploadTicket }
  | { readonly tag: "absent" }
  | { readonly tag: "unavailable"; readonly reason: string };

/** The ticket of an upload of `cluster`; that of another cluster is none. */
export async function readUploadTicket(
  { records, clock }: TicketPorts,
  cluster: ClusterName,
  upload_id: string,
): Promise<TicketRead> {
  if (!isUlid(upload_id)) return { tag: "absent" };
  const read = await readObjectRetrying({ store: records, clock }, ticketKey(upload_id));
  if (read.tag !== "found") return read;
  const ticket = decodeUploadTicket(read.bytes);
  if (ticket === null) return { tag: "unavailable", reason: `the ticket of ${upload_id} is damaged` };
  return ticket.cluster === cluster && ticket.upload_id === upload_id
    ? { tag: "found", ticket }
    : { tag: "absent" };
}
