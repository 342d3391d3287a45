/** What a check says of what lies around the ledger: payloads, open operations, the lock, stored plans. Pure. */

import { PLANS_PREFIX } from "../apply/planning/plan-store.ts";
import type { OpenIntent, UnreadableIntent } from "../apply/recovery/intents.ts";
import { parseAddress } from "../desired/address.ts";
import { assertNever } from "../digest/assert.ts";
import { LOCK_FILE_KEY } from "../ledger/keys.ts";
import { payloadKey, RECOVERIES_PREFIX } from "../ledger/payload-key.ts";
import { factsOf, type JudgedFact } from "./fsck-fact.ts";
import type { FsckReadings } from "./fsck-readings.ts";
import type { PayloadFinding } from "./verify-payloads.ts";

const payloads = factsOf("payloads");
const intents = factsOf("intents");
const locks = factsOf("lock");
const plans = factsOf("plans");

const UNREADABLE_FIX = "Restore access to the storage root and check again.";

export function payloadFacts({ reading, payloads: report }: FsckReadings): readonly JudgedFact[] {
  if (report === null || reading.tag !== "ready") return [];
  const found: ReadonlyMap<string, PayloadFinding> = report.findings;
  return Object.entries(reading.state.applied_revision.resources).flatMap(([address, { digest }]) => {
    const kind = parseAddress(address)?.kind;
    if (kind !== "query" && kind !== "policy") return [];
    const place = payloadKey(address, digest);
    return [payloadFact(address, place ?? "no place", found.get(address))];
  });
}

/** A refresh takes the entry out of the ledger, and apply writes the payload again (W2). */
function payloadFact(address: string, place: string, finding: PayloadFinding | undefined): JudgedFact {
  const fix = "A refresh takes it out of the ledger, and the next apply stores it again from the config.";
  const repairs = [{ tag: "refresh" }, { tag: "apply" }] as const;
  switch (finding) {
    case undefined:
      return payloads.proven(address, `The payload of ${address} is what was applied.`);
    case "missing":
      return payloads.contradicted(address, `The payload of ${address} is not at ${place}.`, fix, ...repairs);
    case "mismatch": {
      const statement = `The payload of ${address} at ${place} is not what was applied.`;
      return payloads.contradicted(address, statement, fix, ...repairs);
    }
    case "read_error":
      return payloads.unknown(address, `The payload of ${address} cannot be read.`, UNREADABLE_FIX);
  }
}

export function intentFacts({ intents: read }: FsckReadings): readonly JudgedFact[] {
  if (read.tag === "unavailable") {
    const statement = `The open operations cannot be read: ${read.reason}.`;
    return [intents.unknown(RECOVERIES_PREFIX, statement, UNREADABLE_FIX)];
  }
  const facts = [...read.open.map(openFact), ...read.unreadable.map(unreadableFact)];
  return facts.length > 0 ? facts : [intents.consistent(RECOVERIES_PREFIX, "No operation is open.")];
}

function openFact({ key, kind, graph, operation_id, actor }: OpenIntent): JudgedFact {
  const who = actor === null ? "" : `, begun by ${actor}`;
  const statement = `The operation ${operation_id} is not settled: ${kind} of graph.${graph}${who}.`;
  const fix =
    "If no command is running, settle it; what cannot be settled is reported then, with what to do.";
  return intents.unknown(key, statement, fix, { tag: "recover" });
}

function unreadableFact({ key, cause, diagnostic }: UnreadableIntent): JudgedFact {
  const operation_id = key.slice(RECOVERIES_PREFIX.length, -".json".length);
  const discard = { tag: "discard", operation_id } as const;
  const fix = "If no command is running and the operation is known to be over, give it up by its id.";
  if (cause === "unknown_version") return intents.unknown(key, diagnostic.message, fix, discard);
  return intents.contradicted(key, diagnostic.message, fix, discard);
}

export function lockFactsOf({ lock, lock_ours }: FsckReadings): readonly JudgedFact[] {
  const problems = lock.diagnostics.map(({ code, message, fix }) =>
    code === "invalid_state_lock"
      ? locks.contradicted(LOCK_FILE_KEY, message, fix)
      : locks.unknown(LOCK_FILE_KEY, message, fix),
  );
  if (problems.length > 0) return problems;
  const { holder, lock: file } = lock;
  if (holder !== null) {
    const statement = `${holder.operation} holds the lock on ${holder.owner} since ${holder.acquired_at}.`;
    return [locks.consistent(LOCK_FILE_KEY, statement)];
  }
  if (file === null) return [locks.consistent(LOCK_FILE_KEY, "Nobody holds the lock.")];
  const statement = `A lock file of ${file.operation} from ${file.created_at} lies there, and nobody holds the lease`;
  if (lock_ours === "yes") {
    return [locks.consistent(LOCK_FILE_KEY, `${statement}; it is ours, and the next command takes it over.`)];
  }
  const fix = "It is another tool's. If its process is gone, end it by its id; if it runs, wait for it.";
  const unlock = { tag: "force_unlock", lock_id: file.lock_id } as const;
  return [locks.unknown(LOCK_FILE_KEY, `${statement}.`, fix, unlock)];
}

export function planFacts({ plans: read }: FsckReadings): readonly JudgedFact[] {
  switch (read.tag) {
    case "unavailable": {
      const statement = `The stored plans cannot be read: ${read.reason}.`;
      return [plans.unknown(PLANS_PREFIX, statement, UNREADABLE_FIX)];
    }
    case "read": {
      const broken = read.plans.flatMap(({ key, problem }) => {
        if (problem === null) return [];
        const statement = `The stored plan ${key} cannot be used: ${problem}`;
        return [plans.contradicted(key, statement, "Make and review a new plan; this one can be ignored.")];
      });
      const whole = read.plans.length - broken.length;
      return [
        ...broken,
        ...(whole === 0 ? [] : [plans.consistent(PLANS_PREFIX, `${whole} stored plans can be read.`)]),
      ];
    }
    default:
      return assertNever(read);
  }
}
