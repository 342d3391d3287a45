/**
 * Tells people of what is drifted in the ledger and was not told yet, whoever has recorded it: a refresh, a recovery, the
 * command line, or a worker that died before it could say so. One drift is told once, and again if it comes back; what
 * ended and came back between two looks is one.
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import type { ClusterName } from "../digest/ids.ts";
import { readLedger } from "../ledger/read-ledger.ts";
import type { LedgerReading } from "../ledger/reading.ts";
import type { StatusRecord } from "../ledger/state.ts";
import { announce } from "./announce.ts";
import type { Deployment } from "./deployment.ts";
import { DRIFTED_SHOWN_MAX } from "./limits.ts";
import { keepToldDrift, readToldDrift } from "./told-drift.ts";

type Statuses = Readonly<Record<string, StatusRecord>>;

/** `before`: the ledger as it was before it was looked for drift; what was over then has come back since. */
export async function tellDrift(
  deployment: Deployment,
  cluster: ClusterName,
  ports: ClusterPorts,
  before: LedgerReading,
): Promise<void> {
  const after = await readLedger(ports, { repair: false });
  if (after.tag !== "ready") return;
  const list = await readToldDrift(ports);
  if (list.tag === "unavailable") return;
  const { resource_statuses: statuses } = after.state;
  const earlier = before.tag === "ready" ? before.state.resource_statuses : statuses;
  const told = list.addresses.filter((each) => isOpen(earlier, each) && isOpen(statuses, each));
  const known = new Set(told);
  const found = drifted(statuses).filter((each) => !known.has(each));
  const text = driftText(cluster, found);
  const notice = { kind: "drift", text, codes: ["graph_drifted"] } as const;
  const sent = found.length > 0 && (await announce(deployment, cluster, notice));
  const next = sent ? [...told, ...found].sort() : told;
  if (next.join() !== list.addresses.join()) await keepToldDrift(ports, list.version, next);
}

/** Only what is applied again, or gone, has no drift any more; what could not be seen may still have it. */
function isOpen(statuses: Statuses, address: string): boolean {
  return Object.hasOwn(statuses, address) && statuses[address]?.status !== "applied";
}

function drifted(statuses: Statuses): readonly string[] {
  return Object.keys(statuses)
    .filter((address) => statuses[address]?.status === "drifted")
    .sort();
}

/** How many, before as many names as people read. */
export function driftText(cluster: string, addresses: readonly string[]): string {
  const shown = addresses.slice(0, DRIFTED_SHOWN_MAX).join(", ");
  const more = addresses.length > DRIFTED_SHOWN_MAX;
  const what = more ? `${addresses.length} resources, the first of them ${shown}` : shown;
  return `What is deployed in ${cluster} is not what was applied: ${what}.`;
}
