/**
 * The fsck command: is the deployment what it says it is? Every record is compared with every other that tells of the
 * same thing, and each fact is `proven`, `consistent`, `unknown` or `contradicted`. Reads only, takes no lock, opens
 * what is there and changes nothing; asked for it, it proposes the commands that mend what it found.
 *
 * Other commands may be at work meanwhile. If the ledger moved while it was read, the check starts again; if it does
 * not stand still, or somebody holds the lock, what looks contradicted may only be on its way and counts as unknown.
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { ledgerFacts as observedLedger } from "../apply/ledger-facts.ts";
import { lockFacts } from "../apply/lock-facts.ts";
import { readLedger } from "../ledger/read-ledger.ts";
import type { LedgerReading } from "../ledger/reading.ts";
import { type StateObservations, stateObservations } from "../plan/state-observations.ts";
import { approvalFacts } from "./fsck-approvals.ts";
import { FSCK_VERDICTS, type FsckFact, type FsckVerdict, type JudgedFact, sortFacts } from "./fsck-fact.ts";
import { graphFacts } from "./fsck-graphs.ts";
import { deploymentFacts, historyFacts, protectionFacts } from "./fsck-history.ts";
import { ledgerFacts } from "./fsck-ledger.ts";
import { type FsckReadings, readForFsck } from "./fsck-readings.ts";
import { intentFacts, lockFactsOf, payloadFacts, planFacts } from "./fsck-records.ts";
import { type RepairStep, repairSteps } from "./fsck-repair.ts";
import { FSCK_READINGS_MAX } from "./limits.ts";

export const FSCK_OUTPUT_FORMAT_VERSION = 1;

/** Field order is the JSON order. */
export interface FsckOutput {
  /** Nothing is contradicted. */
  readonly ok: boolean;
  readonly format_version: typeof FSCK_OUTPUT_FORMAT_VERSION;
  readonly config_dir: string;
  readonly state_observations: StateObservations;
  readonly counts: Readonly<Record<FsckVerdict, number>>;
  /** By area, worst first. */
  readonly facts: readonly FsckFact[];
  /** In the order in which they have to run; null if nobody asked. */
  readonly repair: readonly RepairStep[] | null;
}

export interface FsckCommand {
  readonly config_dir: string;
  /** Propose the commands that mend what is found. */
  readonly repair: boolean;
}

export async function fsckCluster(ports: ClusterPorts, command: FsckCommand): Promise<FsckOutput> {
  const { readings, still } = await readAtRest(ports);
  const judged = sortFacts(still ? judge(readings) : judge(readings).map(onItsWay));
  const count = (verdict: FsckVerdict) => judged.filter((fact) => fact.verdict === verdict).length;
  const counts = FSCK_VERDICTS.map((verdict) => [verdict, count(verdict)] as const);
  const { reading, lock } = readings;
  return {
    ok: count("contradicted") === 0,
    format_version: FSCK_OUTPUT_FORMAT_VERSION,
    config_dir: command.config_dir,
    state_observations: stateObservations(ports.root, observedLedger(reading), lockFacts(lock)),
    counts: Object.fromEntries(counts) as Record<FsckVerdict, number>,
    facts: judged.map(({ repairs: _, ...fact }) => fact),
    repair: command.repair ? repairSteps(judged) : null,
  };
}

/** `still`: nobody was at work while everything was read. */
async function readAtRest(
  ports: ClusterPorts,
): Promise<{ readonly readings: FsckReadings; readonly still: boolean }> {
  let readings = await readForFsck(ports);
  for (let number = 1; number < FSCK_READINGS_MAX; number += 1) {
    if (await stoodStill(ports, readings)) return { readings, still: readings.lock.holder === null };
    readings = await readForFsck(ports);
  }
  return { readings, still: readings.lock.holder === null && (await stoodStill(ports, readings)) };
}

async function stoodStill(ports: ClusterPorts, { reading }: FsckReadings): Promise<boolean> {
  const now = await readLedger(ports, { repair: false });
  return versionOf(now) === versionOf(reading);
}

function versionOf(reading: LedgerReading): string {
  return "version" in reading ? reading.version : reading.tag;
}

function judge(readings: FsckReadings): readonly JudgedFact[] {
  return [
    ...deploymentFacts(readings),
    ...ledgerFacts(readings),
    ...historyFacts(readings),
    ...protectionFacts(readings),
    ...payloadFacts(readings),
    ...graphFacts(readings),
    ...intentFacts(readings),
    ...approvalFacts(readings),
    ...lockFactsOf(readings),
    ...planFacts(readings),
  ];
}

function onItsWay(fact: JudgedFact): JudgedFact {
  if (fact.verdict !== "contradicted") return fact;
  const fix = "Another command was at work while this was read. Check again when it is over.";
  return { ...fact, verdict: "unknown", fix, repairs: [] };
}
