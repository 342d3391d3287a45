/**
 * Fates: what can become of one call (reliability 6.3), and where the fate of a call comes from.
 *
 * A crash stops the whole process: nothing of it is ever answered again. `late`: the request is still on the wire and
 * acts at some later choice of the scheduler. `error_*`: the process lives on and hears that there was no answer.
 * A read has no effect that could be late, so three of its crashes and three of its errors are one; `fatesOf` leaves
 * such copies out.
 */
import type { Random } from "./random.ts";

export const FATES = [
  "act",
  "crash_before",
  "crash_after",
  "crash_late",
  "error_before",
  "error_after",
  "error_late",
  "conflict",
  "throttle",
  "outage",
  "mute",
  "pause",
  "hold",
] as const;
/**
 * `outage`: from this call on nothing of the actor is accepted. `mute`: from this call on everything acts and no answer
 * comes back. `pause`: the process stands still past its lease. `hold`: it stands still until nobody else has anything
 * to do.
 */
export type Fate = (typeof FATES)[number];

export interface CallFacts {
  readonly port: "store" | "lease" | "tables" | "clock";
  readonly verb: string;
  readonly key: string;
  /** It changes something. */
  readonly writes: boolean;
}

/** A call that is about to be carried out: whose, and the how manieth of that actor, from 0. */
export interface NumberedCall extends CallFacts {
  readonly actor: string;
  readonly ordinal: number;
  /** Its actor is beyond all faults. */
  readonly healthy: boolean;
}

/** Decides the fate of each call when the scheduler comes to it. */
export type FateSource = (call: NumberedCall, random: Random) => Fate;

export const NO_FAULTS: FateSource = () => "act";

/**
 * The fates that an enumeration tries at a call; all others of a call are equal to one of them. A crash before a call
 * leaves the same world as a crash after the call before it, and a crash at a read the same as one before it; so crashes
 * are tried after each write and before the very first call.
 */
export function fatesOf(call: CallFacts, first: boolean): readonly Fate[] {
  if (call.port === "clock") return [];
  const begin: readonly Fate[] = first ? ["crash_before"] : [];
  if (!call.writes) return [...begin, "error_before", "outage"];
  const lost: readonly Fate[] = [
    "crash_after",
    "crash_late",
    "error_before",
    "error_after",
    "error_late",
    "outage",
  ];
  if (call.port === "tables") return [...begin, ...lost];
  return [...begin, ...lost, "conflict", "throttle", "mute"];
}

export interface PlannedFate {
  readonly actor: string;
  readonly ordinal: number;
  readonly fate: Fate;
}

/** Each planned fate happens once; every other call acts. */
export function plannedFates(plan: readonly PlannedFate[]): FateSource {
  const open = new Set(plan);
  return (call) => {
    for (const each of open) {
      if (each.actor !== call.actor || each.ordinal !== call.ordinal) continue;
      open.delete(each);
      return each.fate;
    }
    return "act";
  };
}

export type Probabilities = Partial<Record<Fate, number>>;

/** Each call of an actor that is not healthy meets a fate by chance. */
export function randomFates(probabilities: Probabilities): FateSource {
  const entries = FATES.map((fate) => [fate, probabilities[fate] ?? 0] as const);
  return (call, random) => {
    if (call.healthy || call.port === "clock") return "act";
    const chance = random.next();
    let sum = 0;
    for (const [fate, probability] of entries) {
      sum += probability;
      if (chance < sum) return fate;
    }
    return "act";
  };
}
