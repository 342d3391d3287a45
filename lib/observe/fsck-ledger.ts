/** What a check says of the ledger itself: the document against its receipt, its composites, its statuses. Pure. */
import { pendingGraphs } from "../apply/recovery/intents.ts";
import { graphOf, parseAddress } from "../desired/address.ts";
import { assertNever } from "../digest/assert.ts";
import type { GraphId } from "../digest/ids.ts";
import type { LedgerReading, ReadyLedger } from "../ledger/reading.ts";
import { verifyComposites } from "../ledger/verify-composites.ts";
import { STATE_KEY } from "../ports/state-key.ts";
import { factsOf, type JudgedFact } from "./fsck-fact.ts";
import type { FsckReadings } from "./fsck-readings.ts";

const { proven, consistent, unknown, contradicted } = factsOf("ledger");

export function ledgerFacts(readings: FsckReadings): readonly JudgedFact[] {
  const { reading } = readings;
  if (reading.tag !== "ready") return [unusable(reading)];
  return [definition(reading), ...composites(reading), ...unexplained(readings, reading)];
}

function unusable(reading: Exclude<LedgerReading, ReadyLedger>): JudgedFact {
  if (reading.tag === "missing") {
    return consistent(STATE_KEY, "There is no ledger and no history of one: nothing was imported yet.");
  }
  const [problem] = reading.diagnostics;
  const statement = problem?.message ?? "The ledger cannot be used.";
  const fix = problem?.fix ?? null;
  switch (reading.tag) {
    case "lost":
    case "rolled_back":
      return contradicted(STATE_KEY, statement, fix, { tag: "import" });
    case "forked":
    case "invalid":
      return contradicted(STATE_KEY, statement, fix);
    case "unavailable":
      return unknown(STATE_KEY, statement, fix);
    default:
      return assertNever(reading);
  }
}

/** A receipt whose definition is another one than the ledger's makes the reading forked, so here they are equal. */
function definition({ identity, receipt, foreign, head_missing }: ReadyLedger): JudgedFact {
  const revision = `Revision ${identity.revision}`;
  if (receipt === null) {
    return unknown(
      STATE_KEY,
      `${revision} cannot be compared with its receipt, which is missing.`,
      "Restore __graphform/receipts from a backup if you have one. The next commit continues the history.",
    );
  }
  if (foreign) {
    const recorded = head_missing ? "; the next command that takes the lock records it in the history" : "";
    return consistent(
      STATE_KEY,
      `${revision} was written by another tool, on top of the history${recorded}.`,
    );
  }
  if (head_missing) {
    const statement = `${revision} is what its receipt records, but no head says yet that it won its revision.`;
    return unknown(STATE_KEY, statement, "The next command that takes the lock supplies it.", {
      tag: "refresh",
    });
  }
  return proven(STATE_KEY, `${revision} is exactly what its receipt records.`);
}

function composites({ state }: ReadyLedger): readonly JudgedFact[] {
  const broken = new Map(verifyComposites(state).map((each) => [each.path, each]));
  const graphs = Object.keys(state.applied_revision.resources).filter(
    (address) => parseAddress(address)?.kind === "graph",
  );
  return graphs.map((address) => {
    const problem = broken.get(address);
    if (problem === undefined) return proven(address, `The digest of ${address} is that of its parts.`);
    return contradicted(address, problem.message, problem.fix);
  });
}

/** A status that says that something is going on although nothing is (design 7). */
function unexplained({ intents, lock }: FsckReadings, { state }: ReadyLedger): readonly JudgedFact[] {
  if (intents.tag === "unavailable" || lock.holder !== null) return [];
  const pending: ReadonlySet<GraphId> = pendingGraphs(intents);
  return Object.entries(state.resource_statuses).flatMap(([address, { status }]) => {
    const parts = parseAddress(address);
    const graph = parts === null ? null : graphOf(parts.address);
    if (status !== "applying" || (graph !== null && pending.has(graph))) return [];
    const statement = `${address} is marked as being applied, but no open operation explains it.`;
    return [unknown(address, statement, "A sweep finds out what became of it.", { tag: "recover" })];
  });
}
