/** Scripts for a client's calls: one call goes wrong, everything from a call on goes wrong, or the client is paused. */
import type { Call, Fate, Interference } from "./interference.ts";

/** How one call, or all from one call on, goes wrong. */
export type Fault = "fail" | "lose_answer" | "conflict" | "die_before" | "die_after" | "outage" | "mute";

export const FAULTS: readonly Fault[] = [
  "fail",
  "lose_answer",
  "conflict",
  "die_before",
  "die_after",
  "outage",
  "mute",
];

export interface Faulty extends Interference {
  /** Settled when the client died. */
  readonly died: Promise<null>;
  readonly seen: readonly Call[];
}

/** Records every call and lets it act. */
export function recorder(): Faulty {
  return faultAt(0, "fail");
}

/** The call with this ordinal meets the fault; a dead client's later calls are never answered. */
export function faultAt(ordinal: number, fault: Fault): Faulty {
  const seen: Call[] = [];
  let die: (value: null) => void = () => undefined;
  const died = new Promise<null>((resolve) => {
    die = resolve;
  });
  let dead = false;
  const fateOf = (call: Call): Fate => {
    if (dead) return "die_before";
    if (ordinal === 0 || call.ordinal < ordinal) return "act";
    if (fault === "outage") return "fail";
    if (fault === "mute") return call.writes ? "lose_answer" : "fail";
    if (call.ordinal > ordinal) return "act";
    if (fault === "die_before" || fault === "die_after") {
      dead = true;
      // After the turn in which the call may still act.
      setImmediate(() => die(null));
    }
    return fault;
  };
  return {
    died,
    seen,
    count: { calls: 0 },
    before(call) {
      seen.push(call);
      return fateOf(call);
    },
  };
}

/** Decides about every call by itself. */
export function interfering(before: (call: Call) => Fate): Interference {
  return { before, count: { calls: 0 } };
}

export interface Paused extends Interference {
  /** Settled when the client has arrived at the call. */
  readonly reached: Promise<null>;
  resume(): void;
}

/** The client stops at the call with this ordinal, before or after it acts, with all its later calls. */
export function pausedAt(ordinal: number, where: "before" | "after"): Paused {
  let arrive: (value: null) => void = () => undefined;
  let resume: () => void = () => undefined;
  const reached = new Promise<null>((resolve) => {
    arrive = resolve;
  });
  const resumed = new Promise<void>((resolve) => {
    resume = resolve;
  });
  const hold = async (call: Call, at: "before" | "after"): Promise<void> => {
    if (call.ordinal === ordinal && at === where) arrive(null);
    const later = call.ordinal > ordinal || (call.ordinal === ordinal && at === where);
    if (later) await resumed;
  };
  return {
    reached,
    resume: () => resume(),
    count: { calls: 0 },
    before: async (call): Promise<Fate> => {
      await hold(call, "before");
      return "act";
    },
    after: (call) => hold(call, "after"),
  };
}
