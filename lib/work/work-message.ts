/**
 * WorkMessage: what a queue carries. Ids only, because messages prompt and decide nothing (design 7): whoever gets one
 * reads the records that it names.
 */
import type { RunId } from "../digest/ids.ts";

export const WORK_MESSAGE_FORMAT_VERSION = 1;

export type WorkMessage =
  /** Look at the runs that need the lease. Group: the cluster. */
  | { readonly format_version: 1; readonly kind: "drain"; readonly cluster: string }
  /** Make the plan that a run asks for. Group: the run. */
  | { readonly format_version: 1; readonly kind: "plan"; readonly cluster: string; readonly run_id: RunId }
  /** Load the uploaded rows that a run names. Group: the cluster and graph. */
  | { readonly format_version: 1; readonly kind: "load"; readonly cluster: string; readonly run_id: RunId }
  /** What the schedule does. Group: the cluster. */
  | { readonly format_version: 1; readonly kind: "refresh" | "watch"; readonly cluster: string };
