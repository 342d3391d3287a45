/**
 * World events: what happens to a cluster behind the back of all operators: the lease table loses or restores its item,
 * a graph's files do not answer, another tool writes the ledger, the ledger is lost or an older copy is put back.
 */
import { EMPTY_LEASE_RECORD } from "../../lib/ports/lease-record.ts";
import { STATE_KEY } from "../../lib/ports/state-key.ts";
import { commitOf } from "./oracle-ledger.ts";
import type { Random } from "./random.ts";
import type { WorldEvent } from "./scheduler.ts";
import type { World } from "./world.ts";

const OUTAGE_MS = 60_000;
const STEPS = 300;

/** One event, or none in most universes. */
export function randomEvent(random: Random): WorldEvent | null {
  const step = random.below(STEPS);
  const chance = random.next();
  const back = 1 + random.below(2);
  if (chance < 0.06) return { step, name: "the lease item is deleted", happen: deleteLease };
  if (chance < 0.12) return { step, name: "the lease item is restored from a backup", happen: restoreLease };
  if (chance < 0.26) return { step, name: "graph a does not answer", happen: silenceGraph };
  if (chance < 0.34) return { step, name: "another tool writes the ledger", happen: writeByAnotherTool };
  if (chance < 0.38) return { step, name: "the ledger is lost", happen: loseLedger };
  if (chance < 0.44)
    return { step, name: "the ledger is rolled back", happen: (world) => rollBack(world, back) };
  return null;
}

function deleteLease({ backend }: World): void {
  backend.lease = EMPTY_LEASE_RECORD;
}

function restoreLease({ backend, chronicle }: World): void {
  const older = chronicle.leases[Math.floor(chronicle.leases.length / 2)];
  if (older !== undefined) backend.lease = older;
}

function silenceGraph(world: World): void {
  world.outage = { prefix: "graphs/a.omni/", untilMs: world.nowMs + OUTAGE_MS };
}

interface Document {
  readonly state_revision: number;
  readonly applied_revision: { readonly resources: Readonly<Record<string, unknown>> };
  readonly resource_statuses: Readonly<Record<string, unknown>>;
}

/** Another tool deploys a policy of its own: it counts the revision up and leaves our marker where it is. */
function writeByAnotherTool(world: World): void {
  const bytes = world.backend.objects.get(STATE_KEY);
  if (bytes === undefined) return;
  const document = JSON.parse(Buffer.from(bytes).toString("utf8")) as Document;
  const state_revision = document.state_revision + 1;
  const digest = String(state_revision).padStart(64, "f");
  const resources = {
    ...document.applied_revision.resources,
    "policy.foreign": { digest, applies_to: ["cluster"] },
  };
  const resource_statuses = { ...document.resource_statuses, "policy.foreign": { status: "applied" } };
  const applied_revision = { ...document.applied_revision, resources };
  const next = { ...document, state_revision, applied_revision, resource_statuses };
  const written = Buffer.from(`${JSON.stringify(next, null, 2)}\n`, "utf8");
  world.backend.objects.set(STATE_KEY, written);
  world.chronicle.commits.push(commitOf(world, written));
}

function loseLedger({ backend, chronicle }: World): void {
  if (!backend.objects.delete(STATE_KEY)) return;
  chronicle.disruption = "lost";
}

function rollBack({ backend, chronicle }: World, back: number): void {
  const older = chronicle.commits.at(-1 - back);
  if (older === undefined || !backend.objects.has(STATE_KEY)) return;
  chronicle.disruption = "rolled_back";
  backend.objects.set(STATE_KEY, older.bytes);
}
