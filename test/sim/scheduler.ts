/**
 * Scheduler: lets one request act at a time, chosen by a seeded source of chance, and moves the time (reliability 6.2).
 *
 * Guarantees: between two choices every operator has run as far as it can without an answer, so one seed gives one
 * history. A dead actor's calls never resolve. A late request acts at a later choice, with the arguments that it was
 * made with. A paused actor's requests and timers wait with it.
 */
import type { CallFacts, Fate, FateSource, NumberedCall } from "./fates.ts";
import { type Random, seededRandom } from "./random.ts";
import type { World } from "./world.ts";

export interface Actor {
  readonly name: string;
  /** Keeps its ids apart from those of every other actor of the world. */
  readonly number: number;
  /** Its clock is ahead of the world's by this much. */
  readonly skewMs: number;
  readonly healthy: boolean;
  dead: boolean;
  /** It stands still until then; `Infinity` while it is held. */
  pausedUntilMs: number;
  /** From now on all its calls meet this. */
  lasting: "none" | "outage" | "mute";
  /** Calls that were carried out or met a fate. */
  calls: number;
}

/** A call that has acted, and how its answer is handed over. */
export interface Landing {
  readonly tag: string;
  readonly deliver: () => void;
}

export interface Request {
  readonly actor: Actor;
  readonly call: CallFacts;
  /** It does not act earlier. */
  readonly notBeforeMs: number;
  readonly act: () => Promise<Landing>;
  readonly fail: (how: "unavailable" | "ambiguous" | "conflict") => void;
}

/** Something that happens to the world at a step. */
export interface WorldEvent {
  readonly step: number;
  readonly name: string;
  readonly happen: (world: World) => void;
}

export interface SchedulerOptions {
  readonly seed: number;
  readonly faults: FateSource;
  readonly events?: readonly WorldEvent[];
  /** How long one step takes; 0 lets the time stand still for everybody who asks. */
  readonly stepMs?: (random: Random) => number;
  readonly onHold?: (actor: Actor) => void;
  readonly onResume?: (actor: Actor) => void;
}

/** How often each fate was met. */
export type FateCounts = Map<Fate, number>;

export interface Scheduler {
  readonly world: World;
  readonly trace: string[];
  readonly fates: FateCounts;
  /** The calls that were carried out or met a fate, timers excluded. */
  readonly calls: NumberedCall[];
  /** What an actor's clock shows. */
  nowMs(actor: Actor): number;
  actor(
    name: string,
    facts?: { readonly skewMs?: number; readonly healthy?: boolean; readonly startsInMs?: number },
  ): Actor;
  submit(request: Request): void;
  /** Takes back a timer that is not needed any more. */
  withdraw(request: Request): void;
  /** The instant of a timer that is set now. */
  timerAt(durationMs: number): number;
  /** Runs until nobody has anything to do; throws after `STEPS_MAX` steps. */
  run(): Promise<void>;
}

export const PAUSE_MS = 100_000;
const STEPS_MAX = 20_000;
const LATE_CHANCE = 0.15;

export function createScheduler(world: World, options: SchedulerOptions): Scheduler {
  const random = seededRandom(options.seed);
  const stepMs = options.stepMs ?? (() => 0);
  const pending: Request[] = [];
  const late: Request[] = [];
  const trace: string[] = [];
  const fates: FateCounts = new Map();
  const calls: NumberedCall[] = [];
  const events = [...(options.events ?? [])].sort((a, b) => a.step - b.step);
  const frozen = options.stepMs === undefined;
  /** Equal to the world's time unless that stands still. */
  let innerMs = world.nowMs;

  const kill = (actor: Actor): void => {
    actor.dead = true;
    for (let index = pending.length - 1; index >= 0; index -= 1) {
      if (pending[index]?.actor === actor) pending.splice(index, 1);
    }
  };

  const advance = (toMs: number): void => {
    innerMs = Math.max(innerMs, toMs);
    if (!frozen) world.nowMs = innerMs;
  };

  const isReady = (request: Request): boolean =>
    request.notBeforeMs <= innerMs && request.actor.pausedUntilMs <= innerMs;

  const land = async (request: Request, note: string): Promise<Landing> => {
    const landing = await request.act();
    trace.push(`${note} -> ${landing.tag}`);
    return landing;
  };

  const inOutage = (request: Request): boolean => {
    const { outage } = world;
    return outage !== null && innerMs < outage.untilMs && request.call.key.startsWith(outage.prefix);
  };

  const fateOf = (call: NumberedCall, request: Request): Fate => {
    if (call.port === "clock") return "act";
    const { actor } = request;
    if (actor.lasting !== "none") return actor.lasting;
    const fate = options.faults(call, random);
    if (fate === "outage" || fate === "mute") actor.lasting = fate;
    return fate === "act" && inOutage(request) ? "outage" : fate;
  };

  const carryOut = async (request: Request): Promise<void> => {
    const { actor, call } = request;
    const numbered: NumberedCall = {
      ...call,
      actor: actor.name,
      ordinal: actor.calls,
      healthy: actor.healthy,
    };
    const fate = fateOf(numbered, request);
    const note = `${actor.name}#${actor.calls} ${call.verb} ${call.key}`;
    if (fate === "pause" || fate === "hold") {
      trace.push(`${note} ${fate}`);
      fates.set(fate, (fates.get(fate) ?? 0) + 1);
      actor.pausedUntilMs = fate === "hold" ? Number.POSITIVE_INFINITY : innerMs + PAUSE_MS;
      pending.push(request);
      if (fate === "hold") options.onHold?.(actor);
      return;
    }
    if (call.port === "clock") {
      (await request.act()).deliver();
      return;
    }
    actor.calls += 1;
    calls.push(numbered);
    fates.set(fate, (fates.get(fate) ?? 0) + 1);
    await meet(request, fate, note);
  };

  const meet = async (request: Request, fate: Fate, note: string): Promise<void> => {
    const { actor, call } = request;
    switch (fate) {
      case "act":
        (await land(request, note)).deliver();
        return;
      case "crash_before":
        trace.push(`${note} ${fate}`);
        kill(actor);
        return;
      case "crash_after":
        kill(actor);
        await land(request, `${note} ${fate}`);
        return;
      case "crash_late":
        trace.push(`${note} ${fate}`);
        kill(actor);
        if (call.writes) late.push(request);
        return;
      case "error_before":
        trace.push(`${note} ${fate}`);
        request.fail("ambiguous");
        return;
      case "error_after":
      case "mute":
        await land(request, `${note} ${fate}`);
        request.fail("ambiguous");
        return;
      case "error_late":
        trace.push(`${note} ${fate}`);
        if (call.writes) late.push(request);
        request.fail("ambiguous");
        return;
      case "conflict":
        trace.push(`${note} ${fate}`);
        request.fail("conflict");
        return;
      case "throttle":
      case "outage":
        trace.push(`${note} ${fate}`);
        request.fail("unavailable");
        return;
      case "pause":
      case "hold":
        return;
    }
  };

  /** Nobody can go on: moves the time to the next who can, or lets the held ones go. False if nothing is left. */
  const wake = (): boolean => {
    const instants = pending
      .map((request) => Math.max(request.notBeforeMs, request.actor.pausedUntilMs))
      .filter((instant) => Number.isFinite(instant));
    if (instants.length > 0) {
      advance(Math.min(...instants));
      return true;
    }
    const held = new Set(pending.map((request) => request.actor));
    for (const actor of held) {
      actor.pausedUntilMs = innerMs;
      trace.push(`-- ${actor.name} resumes`);
      options.onResume?.(actor);
    }
    return held.size > 0;
  };

  const landLate = async (): Promise<void> => {
    const [request] = late.splice(random.below(late.length), 1);
    if (request === undefined) return;
    const { call, actor } = request;
    await land(request, `${actor.name} late ${call.verb} ${call.key}`);
  };

  const step = async (number: number): Promise<boolean> => {
    await everybodyWaits();
    advance(innerMs + stepMs(random));
    for (let event = events[0]; event !== undefined && event.step <= number; event = events[0]) {
      events.shift();
      trace.push(`== ${event.name}`);
      event.happen(world);
    }
    if (late.length > 0 && (pending.length === 0 || random.next() < LATE_CHANCE)) {
      await landLate();
      return true;
    }
    const ready = pending.filter(isReady);
    if (ready.length === 0) return wake() || late.length > 0;
    const request = random.pick(ready);
    pending.splice(pending.indexOf(request), 1);
    await carryOut(request);
    return true;
  };

  return {
    world,
    trace,
    fates,
    calls,
    nowMs: (actor) => world.nowMs + actor.skewMs,
    actor(name, { skewMs = 0, healthy = false, startsInMs = 0 } = {}) {
      world.actors += 1;
      const pausedUntilMs = innerMs + startsInMs;
      return {
        name,
        number: world.actors,
        skewMs,
        healthy,
        dead: false,
        pausedUntilMs,
        lasting: "none",
        calls: 0,
      };
    },
    submit(request) {
      if (!request.actor.dead) pending.push(request);
    },
    withdraw(request) {
      const index = pending.indexOf(request);
      if (index >= 0) pending.splice(index, 1);
    },
    timerAt: (durationMs) => innerMs + durationMs,
    async run() {
      for (let number = 0; number < STEPS_MAX; number += 1) if (!(await step(number))) return;
      throw new Error(`nothing came to an end within ${STEPS_MAX} steps`);
    },
  };
}

/** Resolves when every operator waits for an answer: all that is settled has been taken up. */
function everybodyWaits(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
