/** What a sweep tells people about the intents of one graph: what was settled, what was not, and the way out. Pure. */
import { type Diagnostic, diagnostic } from "../../diagnostic/diagnostic.ts";
import { assertNever } from "../../digest/assert.ts";
import type { OpenIntent } from "./intents.ts";
import type { SettledGraph } from "./settle-graph.ts";

type JudgedGraph = Extract<SettledGraph, { tag: "judged" }>;

export function sweptGraphDiagnostics(settled: SettledGraph): readonly Diagnostic[] {
  return settled.tag === "blocked" ? [blocked(settled)] : judged(settled);
}

function blocked(settled: Extract<SettledGraph, { tag: "blocked" }>): Diagnostic {
  const path = `graph.${settled.graph}`;
  const message = `An earlier operation on ${path} cannot be settled: ${settled.detail}.`;
  if (settled.incomplete) return diagnostic("graph_create_incomplete", { path, message });
  const fix = `Put right what the message names and run \`graphform refresh\`. If the operation is known to be over: ${settled.intents.map(discards).join(", ")}.`;
  return diagnostic("cluster_recovery_pending", { path, message, fix });
}

/** The command that ends an intent which no program can judge. */
function discards(intent: OpenIntent): string {
  return `\`graphform recover discard ${intent.operation_id}\``;
}

function judged(settled: JudgedGraph): readonly Diagnostic[] {
  const path = `graph.${settled.graph}`;
  return settled.verdicts.flatMap(({ intent, verdict }) => {
    const operation = `${intent.kind} ${intent.operation_id}`;
    switch (verdict) {
      case "landed": {
        const message = `The interrupted ${operation} of ${path} had landed; the ledger records it now.`;
        return [diagnostic("cluster_recovery_rolled_forward", { path, message })];
      }
      case "overtaken": {
        const message = `The interrupted ${operation} of ${path} landed, and the graph was changed again since. A refresh records what is there.`;
        const fix = "Run `graphform refresh`, then apply again.";
        return [diagnostic("cluster_recovery_pending", { path, message, fix })];
      }
      case "contradiction": {
        const message = `${operation} of ${path} was decided on a version that the graph does not have. Was its folder replaced?`;
        const fix = `If an older copy of the graph was put back on purpose: ${discards(intent)}, then run \`graphform refresh\` and apply again.`;
        return [diagnostic("cluster_recovery_pending", { path, message, fix })];
      }
      case "never":
        return intent.kind === "graph_delete" ? deletedNothing(settled) : [];
      case "landed_recorded":
        return [];
      default:
        return assertNever(verdict);
    }
  });
}

/** The plan proposes the delete again and its approval is open again, so nothing is lost by giving the intent up. */
function deletedNothing({ graph, observation }: JudgedGraph): readonly Diagnostic[] {
  if (observation.tag !== "live") return [];
  const path = `graph.${graph}`;
  const message = `The interrupted delete of ${path} did not happen; the graph is still there.`;
  return [diagnostic("graph_delete_incomplete", { path, message })];
}
