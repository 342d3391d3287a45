/**
 * What a check says of the graphs: every chain of manifests whole, nothing recorded that is not there and nothing there
 * that is not recorded (A3, A4), the live schema the recorded one, deletes and chains of one mind. Pure.
 *
 * A difference of a graph with an open operation is not a contradiction: whoever settles the operation explains it.
 */

import { observedGraph } from "../apply/recorded-graph.ts";
import { pendingGraphs } from "../apply/recovery/intents.ts";
import { graphAddress, schemaAddress } from "../desired/address.ts";
import { assertNever } from "../digest/assert.ts";
import type { GraphId } from "../digest/ids.ts";
import type { Observation } from "../engine/engine.ts";
import type { Manifest } from "../engine/manifest.ts";
import { GRAPHS_PREFIX } from "../engine/paths.ts";
import type { ReadyLedger } from "../ledger/reading.ts";
import type { RecordedGraph } from "../ledger/receipt.ts";
import { factsOf, type JudgedFact } from "./fsck-fact.ts";
import type { FsckReadings, GraphReading } from "./fsck-readings.ts";

const { proven, consistent, unknown, contradicted } = factsOf("graphs");
const RECORD_FIX = "A refresh records what is there, and the next plan shows what the config makes of it.";

/** One graph as ledger and receipt know it. */
interface Known {
  readonly graph: GraphId;
  /** Digest of its schema in the ledger; null: it has none; undefined: the ledger has no such graph. */
  readonly schema: string | null | undefined;
  readonly recorded: RecordedGraph | null;
  /** An operation on it is open. */
  readonly pending: boolean;
}

export function graphFacts(readings: FsckReadings): readonly JudgedFact[] {
  const { graphs, reading, intents } = readings;
  if (reading.tag !== "ready") return [];
  const pending = intents.tag === "read" ? pendingGraphs(intents) : null;
  const facts = [...graphs.graphs].flatMap(([graph, seen]) => {
    const known = knownOf(reading, graph, pending === null || pending.has(graph));
    return [...chainFacts(known, seen), ...agreement(known, seen.observation)];
  });
  return graphs.unlisted === null ? facts : [...facts, unlistedFact(graphs.unlisted)];
}

function unlistedFact(reason: string): JudgedFact {
  const statement = `The graphs below the storage root cannot be listed, so only those of the ledger were looked at: ${reason}.`;
  return unknown(GRAPHS_PREFIX, statement, "Restore access to the storage root and check again.");
}

function knownOf({ state, receipt }: ReadyLedger, graph: GraphId, pending: boolean): Known {
  const { resources } = state.applied_revision;
  const address = graphAddress(graph);
  const entry = resources[address] ?? resources[schemaAddress(graph)];
  const recorded = receipt?.graphs[graph] ?? observedGraph(state, address);
  const schema = entry === undefined ? undefined : (resources[schemaAddress(graph)]?.digest ?? null);
  return { graph, schema, recorded, pending };
}

function headOf(observation: Observation): Manifest | null {
  return "head" in observation ? observation.head : null;
}

/** The chain alone, and the recorded version against it. */
function chainFacts(
  { graph, recorded }: Known,
  { observation, versions }: GraphReading,
): readonly JudgedFact[] {
  const subject = graphAddress(graph);
  const head = headOf(observation);
  if (head === null) return [];
  if (versions.tag === "unavailable") {
    const statement = `The versions of ${subject} cannot be listed: ${versions.reason}.`;
    return [unknown(subject, statement, "Restore access to the storage root and check again.")];
  }
  const gap = firstGap(versions.versions, head.version);
  if (gap !== null) {
    const statement = `Version ${gap} of ${subject} is missing, although its chain reaches version ${head.version}.`;
    const fix = "Restore the manifest from a backup; reading the newest version is not harmed.";
    return [contradicted(subject, statement, fix)];
  }
  const chain = proven(subject, `The chain of ${subject} is whole, from version 1 to ${head.version}.`);
  if (recorded === null || recorded.manifest_version <= head.version) return [chain];
  const statement = `The ledger records version ${recorded.manifest_version} of ${subject}, and its chain ends at ${head.version}.`;
  const fix =
    "An older copy of the graph was put back, or manifests were removed. Restore the newest copy; if the older one is wanted, a refresh records it.";
  return [chain, contradicted(subject, statement, fix, { tag: "refresh" })];
}

function firstGap(versions: ReadonlySet<number>, head: number): number | null {
  for (let version = 1; version <= head; version += 1) if (!versions.has(version)) return version;
  return null;
}

/** Ledger and world about whether the graph lives, as which life, and with which schema. */
function agreement(known: Known, observation: Observation): readonly JudgedFact[] {
  const { graph, schema } = known;
  const subject = graphAddress(graph);
  switch (observation.tag) {
    case "live":
      return schema === undefined ? [unrecorded(known)] : liveFacts(known, observation);
    case "deleted":
    case "never":
    case "absent":
      return schema === undefined ? gone(known, observation) : [missing(known, observation)];
    case "unreadable": {
      const statement = `${subject} cannot be read: ${observation.detail}.`;
      const fix = "Use a program that knows the format, or restore the graph's root from a backup.";
      return [(observation.reason === "newer_format" ? unknown : contradicted)(subject, statement, fix)];
    }
    case "unavailable": {
      const statement = `${subject} cannot be observed: ${observation.reason}.`;
      return [unknown(subject, statement, "Restore access to the storage root and check again.")];
    }
    default:
      return assertNever(observation);
  }
}

/** A difference that an open operation may explain, or one that nothing explains. */
function difference(known: Known, subject: string, statement: string): JudgedFact {
  if (!known.pending) return contradicted(subject, statement, RECORD_FIX, { tag: "refresh" });
  const fix = "An operation on the graph is open; once it is settled, this is settled too.";
  return unknown(subject, statement, fix, { tag: "recover" });
}

function unrecorded(known: Known): JudgedFact {
  const subject = graphAddress(known.graph);
  return difference(known, subject, `${subject} lives, and the ledger has no such graph.`);
}

function missing(
  known: Known,
  observation: Extract<Observation, { tag: "deleted" | "never" | "absent" }>,
): JudgedFact {
  const subject = graphAddress(known.graph);
  const how =
    observation.tag === "deleted" ? `was deleted at version ${observation.head.version}` : "does not live";
  return difference(known, subject, `${subject} is in the ledger, and it ${how}.`);
}

/** Not in the ledger, and not alive. */
function gone(
  { graph, recorded }: Known,
  observation: Extract<Observation, { tag: "deleted" | "never" | "absent" }>,
): readonly JudgedFact[] {
  const subject = graphAddress(graph);
  if (observation.tag !== "absent")
    return [consistent(subject, `${subject} is not in the ledger and does not live.`)];
  if (recorded === null || recorded.manifest_version === 0) return [];
  const statement = `The ledger records that version ${recorded.manifest_version} of ${subject} was its last, and its chain is gone.`;
  const fix = "Its rows cannot be restored any more. A refresh records that the chain is gone.";
  return [contradicted(subject, statement, fix, { tag: "refresh" })];
}

function liveFacts(known: Known, { head }: Extract<Observation, { tag: "live" }>): readonly JudgedFact[] {
  const { graph, schema, recorded } = known;
  const subject = graphAddress(graph);
  const life = recorded?.incarnation ?? null;
  const another = life !== null && life !== head.incarnation;
  const lifeFact = another
    ? [difference(known, subject, `${subject} is another life of the graph than the recorded one.`)]
    : [];
  if (schema === head.schema_digest) {
    const statement = `The live schema of ${subject} is the recorded one.`;
    return [...lifeFact, proven(schemaAddress(graph), statement)];
  }
  const statement =
    schema === null
      ? `The ledger has ${subject} without its schema.`
      : `The live schema of ${subject} is not the recorded one.`;
  return [...lifeFact, difference(known, schemaAddress(graph), statement)];
}
