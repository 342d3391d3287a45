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

/** Everything that the choices are made from. */
interface State {
  readonly world: World;
  readonly options: SchedulerOptions;
  readonly random: Random;
  readonly pending: Request[];
  /** Requests of the dead and the deaf that are still on the wire. */
  readonly late: Request[];
  readonly trace: string[];
  readonly fates: FateCounts;
  readonly calls: NumberedCall[];
  readonly events: WorldEvent[];
  /** Equal to the world's time unless that stands still. */
  innerMs: number;
}

export function createScheduler(world: World, options: SchedulerOptions): Scheduler {
  const state: State = {
    world,
    options,
    random: seededRandom(options.seed),
    pending: [],
    late: [],
    trace: [],
    fates: new Map(),
    calls: [],
    events: [...(options.events ?? [])].sort((a, b) => a.step - b.step),
    innerMs: world.nowMs,
  };
  const { pending, trace, fates, calls } = state;
  return {
    world,
    trace,
    fates,
    calls,
    nowMs: (actor) => world.nowMs + actor.skewMs,
    actor(name, { skewMs = 0, healthy = false, startsInMs = 0 } = {}) {
      world.actors += 1;
      const pausedUntilMs = state.innerMs + startsInMs;
      const facts = { name, number: world.actors, skewMs, healthy };
      return { ...facts, dead: false, pausedUntilMs, lasting: "none", calls: 0 };
    },
    submit(request) {
      if (!request.actor.dead) pending.push(request);
    },
    withdraw(request) {
      const index = pending.indexOf(request);
      if (index >= 0) pending.splice(index, 1);
    },
    timerAt: (durationMs) => state.innerMs + durationMs,
    async run() {
      for (let number = 0; number < STEPS_MAX; number += 1) if (!(await step(state, number))) return;
      throw new Error(`nothing came to an end within ${STEPS_MAX} steps`);
    },
  };
}

async function step(state: State, number: number): Promise<boolean> {
  const { world, options, random, pending, late, trace, events } = state;
  await everybodyWaits();
  advance(state, state.innerMs + (options.stepMs?.(random) ?? 0));
  for (let event = events[0]; event !== undefined && event.step <= number; event = events[0]) {
    events.shift();
    trace.push(`== ${event.name}`);
    event.happen(world);
  }
  if (late.length > 0 && (pending.length === 0 || random.next() < LATE_CHANCE)) {
    await landLate(state);
    return true;
  }
  const ready = pending.filter((request) => isReady(state, request));
  if (ready.length === 0) return wake(state) || late.length > 0;
  const request = random.pick(ready);
  pending.splice(pending.indexOf(request), 1);
  await carryOut(state, request);
  return true;
}

function advance(state: State, toMs: number): void {
  state.innerMs = Math.max(state.innerMs, toMs);
  if (state.options.stepMs !== undefined) state.world.nowMs = state.innerMs;
}

function isReady({ innerMs }: State, { notBeforeMs, actor }: Request): boolean {
  return notBeforeMs <= innerMs && actor.pausedUntilMs <= innerMs;
}

function kill({ pending }: State, actor: Actor): void {
  actor.dead = true;
  for (let index = pending.length - 1; index >= 0; index -= 1) {
    if (pending[index]?.actor === actor) pending.splice(index, 1);
  }
}

async function land({ trace }: State, request: Request, note: string): Promise<Landing> {
  const landing = await request.act();
  trace.push(`${note} -> ${landing.tag}`);
  return landing;
}

function inOutage({ world, innerMs }: State, { call }: Request): boolean {
  const { outage } = world;
  return outage !== null && innerMs < outage.untilMs && call.key.startsWith(outage.prefix);
}

function fateOf(state: State, call: NumberedCall, request: Request): Fate {
  if (call.port === "clock") return "act";
  const { actor } = request;
  if (actor.lasting !== "none") return actor.lasting;
  const fate = state.options.faults(call, state.random);
  if (fate === "outage" || fate === "mute") actor.lasting = fate;
  return fate === "act" && inOutage(state, request) ? "outage" : fate;
}

async function carryOut(state: State, request: Request): Promise<void> {
  const { actor, call } = request;
  const { fates, trace } = state;
  const facts = { actor: actor.name, ordinal: actor.calls, healthy: actor.healthy };
  const numbered: NumberedCall = { ...call, ...facts };
  const fate = fateOf(state, numbered, request);
  const note = `${actor.name}#${actor.calls} ${call.verb} ${call.key}`;
  if (fate === "pause" || fate === "hold") {
    trace.push(`${note} ${fate}`);
    fates.set(fate, (fates.get(fate) ?? 0) + 1);
    actor.pausedUntilMs = fate === "hold" ? Number.POSITIVE_INFINITY : state.innerMs + PAUSE_MS;
    state.pending.push(request);
    if (fate === "hold") state.options.onHold?.(actor);
    return;
  }
  if (call.port === "clock") {
    (await request.act()).deliver();
    return;
  }
  actor.calls += 1;
  state.calls.push(numbered);
  fates.set(fate, (fates.get(fate) ?? 0) + 1);
  await meet(state, request, fate, note);
}

async function meet(state: State, request: Request, fate: Fate, note: string): Promise<void> {
  const { actor, call } = request;
  switch (fate) {
    case "act":
      (await land(state, request, note)).deliver();
      return;
    case "crash_after":
      kill(state, actor);
      await land(state, request, `${note} ${fate}`);
      return;
    case "error_after":
    case "mute":
      await land(state, request, `${note} ${fate}`);
      request.fail("ambiguous");
      return;
    case "crash_before":
    case "crash_late":
      kill(state, actor);
      break;
    case "error_before":
    case "error_late":
      request.fail("ambiguous");
      break;
    case "conflict":
      request.fail("conflict");
      break;
    case "throttle":
    case "outage":
      request.fail("unavailable");
      break;
    case "pause":
    case "hold":
      return;
  }
  state.trace.push(`${note} ${fate}`);
  if (call.writes && (fate === "crash_late" || fate === "error_late")) state.late.push(request);
}

/** Nobody can go on: moves the time to the next who can, or lets the held ones go. False if nothing is left. */
function wake(state: State): boolean {
  const { pending, trace, options } = state;
  const instants = pending
    .map((request) => Math.max(request.notBeforeMs, request.actor.pausedUntilMs))
    .filter((instant) => Number.isFinite(instant));
  if (instants.length > 0) {
    advance(state, Math.min(...instants));
    return true;
  }
  const held = new Set(pending.map((request) => request.actor));
  for (const actor of held) {
    actor.pausedUntilMs = state.innerMs;
    trace.push(`-- ${actor.name} resumes`);
    options.onResume?.(actor);
  }
  return held.size > 0;
}

async function landLate(state: State): Promise<void> {
  const { late, random } = state;
  const [request] = late.splice(random.below(late.length), 1);
  if (request === undefined) return;
  const { call, actor } = request;
  await land(state, request, `${actor.name} late ${call.verb} ${call.key}`);
}

/** Resolves when every operator waits for an answer: all that is settled has been taken up. */
function everybodyWaits(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
