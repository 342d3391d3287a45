/**
 * WorkMessage: what a queue carries. Ids only, because messages prompt and decide nothing (design 7): whoever gets one
 * reads the records that it names. So a forged message does no more than a look at what is there.
 */
import { z } from "zod";
import { type ClusterName, isUlid, parseClusterName, type RunId } from "../digest/ids.ts";
import { parseJsonBytes } from "../ledger/json-text.ts";
import { MESSAGE_BYTES_MAX } from "./limits.ts";

export const WORK_MESSAGE_FORMAT_VERSION = 1;

/** What the schedule has done for each cluster, each at a pace of its own. */
export const SCHEDULED_KINDS = ["watch", "refresh", "reclaim"] as const;
export type ScheduledKind = (typeof SCHEDULED_KINDS)[number];

export type WorkMessage =
  /** Look at the runs that need the lease. Group: the cluster if a run was ordered, else one of its own. */
  | { readonly format_version: 1; readonly kind: "drain"; readonly cluster: string }
  /** Make the plan that a run asks for. Group: the run. */
  | { readonly format_version: 1; readonly kind: "plan"; readonly cluster: string; readonly run_id: RunId }
  /** Load the uploaded rows that a run names. Group: the cluster and graph. */
  | { readonly format_version: 1; readonly kind: "load"; readonly cluster: string; readonly run_id: RunId }
  /** Write the rows that a run asks for into a file. Group: the run. */
  | { readonly format_version: 1; readonly kind: "export"; readonly cluster: string; readonly run_id: RunId }
  /** What the schedule does. Group: the cluster and kind. */
  | { readonly format_version: 1; readonly kind: ScheduledKind; readonly cluster: string };

const cluster = z.string().refine((text) => parseClusterName(text) !== null, "is not the name of a cluster");
const run_id = z
  .string()
  .refine(isUlid, "is not a run id")
  .transform((text) => text as RunId);
const format_version = z.literal(WORK_MESSAGE_FORMAT_VERSION);
const shape = z.discriminatedUnion("kind", [
  z.strictObject({ format_version, kind: z.literal("drain"), cluster }),
  z.strictObject({ format_version, kind: z.literal("plan"), cluster, run_id }),
  z.strictObject({ format_version, kind: z.literal("load"), cluster, run_id }),
  z.strictObject({ format_version, kind: z.literal("export"), cluster, run_id }),
  z.strictObject({ format_version, kind: z.enum(SCHEDULED_KINDS), cluster }),
]);

export type MessageDecoding =
  | { readonly tag: "decoded"; readonly message: WorkMessage; readonly cluster: ClusterName }
  | { readonly tag: "invalid"; readonly detail: string };

export function encodeWorkMessage(message: WorkMessage): string {
  return JSON.stringify(message);
}

export function decodeWorkMessage(body: string): MessageDecoding {
  if (body.length > MESSAGE_BYTES_MAX) return { tag: "invalid", detail: "it is too long" };
  const document = parseJsonBytes(Buffer.from(body, "utf8"));
  if (document.tag === "invalid") return { tag: "invalid", detail: document.message };
  const parsed = shape.safeParse(document.value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return { tag: "invalid", detail: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "is not valid"}` };
  }
  return { tag: "decoded", message: parsed.data, cluster: parsed.data.cluster as ClusterName };
}
