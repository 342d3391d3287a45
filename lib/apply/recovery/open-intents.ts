/** The open intents of a run that is about to change something: if they cannot be read, nothing runs. */
import { type Diagnostic, diagnostic } from "../../diagnostic/diagnostic.ts";
import type { ClusterPorts } from "../cluster-ports.ts";
import { type Intents, readIntents } from "./intents.ts";

export type OpenIntents =
  | ({ readonly tag: "read" } & Intents)
  | { readonly tag: "unavailable"; readonly diagnostics: readonly Diagnostic[] };

export async function openIntents(ports: ClusterPorts): Promise<OpenIntents> {
  const intents = await readIntents(ports);
  if (intents.tag === "read") return intents;
  const message = `The open intents cannot be read: ${intents.reason}.`;
  const facts = { path: "__cluster/recoveries", message, severity: "error" } as const;
  return { tag: "unavailable", diagnostics: [diagnostic("recovery_sidecar_read_error", facts)] };
}
