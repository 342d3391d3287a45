/**
 * Random histories of one graph from two clients, against a model: one verb at a time with every outcome predicted,
 * and many at once in every order of their calls with the laws of the chain (design 6, reliability R5, L7).
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { IncarnationId, OperationId } from "../../lib/digest/ids.ts";
import type { EngineOutcome, LoadOutcome } from "../../lib/engine/engine.ts";
import type { Manifest } from "../../lib/engine/manifest.ts";
import { createMemoryTables, createMemoryTablesBackend } from "../../lib/engine/memory/memory-tables.ts";
import { createMemoryBackend } from "../../lib/memory/backend.ts";
import { createMemoryObjectStore } from "../../lib/memory/object-store.ts";
import {
  type Client,
  GRAPH,
  loading,
  namesOf,
  openSubject,
  person,
  SCHEMA,
  type Subject,
  write,
} from "../contract/engine-subject.ts";
import { type Fate, isManifestPut } from "../contract/scripted-store.ts";
import { after, type GraphModel, NO_GRAPH, type Verb } from "./chain-model.ts";

const OTHER_SCHEMA = SCHEMA.replace("note: String?", "note: String?\n  mail: String?");
const LIVES = ["A", "B", "C"].map((letter) => `01ARZ3NDEKTSV4RRFFQ69G5F${letter}V`);

const verb: fc.Arbitrary<Verb> = fc.oneof(
  { weight: 3, arbitrary: lifeVerb("create") },
  {
    weight: 4,
    arbitrary: fc.record({ verb: fc.constant("load" as const), name: fc.constantFrom("ada", "bob", "eve") }),
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom("migrate", "remove", "remove", "fence", "compact")
      .map((each) => ({ verb: each })),
  },
  { weight: 3, arbitrary: lifeVerb("restore") },
  { weight: 1, arbitrary: lifeVerb("reclaim") },
) as fc.Arbitrary<Verb>;

interface Move {
  readonly verb: Verb;
  readonly client: boolean;
  /** 0: on the head. */
  readonly offset: number;
  /** Repeats the operation of an earlier move. */
  readonly repeat: number | null;
  readonly fate: Fate;
}

const move: fc.Arbitrary<Move> = fc.record({
  verb,
  client: fc.boolean(),
  offset: fc.oneof(
    { weight: 8, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: -2, max: 2 }) },
  ),
  repeat: fc.option(fc.nat({ max: 20 }), { freq: 8 }),
  fate: fc.oneof(
    { weight: 8, arbitrary: fc.constant("act" as const) },
    {
      weight: 2,
      arbitrary: fc.constantFrom("lose_answer" as const, "lose_request" as const, "fail" as const),
    },
  ),
});

describe("the chain of one graph", () => {
  it("answers every verb of a random history as a model of a few rules predicts", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 25 }), async (moves) => {
        const subject = open();
        const sent: Sent[] = [];
        let model = NO_GRAPH;
        for (const each of moves) model = await play(subject, model, each, sent);
        await agrees(subject, model);
      }),
      { numRuns: 150 },
    );
  });

  it("stays gapless, takes each operation at most once and keeps its answers in any order of calls", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.array(verb, { minLength: 2, maxLength: 3 }), { minLength: 1, maxLength: 6 }),
        async (scheduler, rounds) => {
          const subject = open();
          const sent: Sent[] = [];
          for (const verbs of rounds) await race(subject, scheduler, verbs, sent);
          await lawful(subject, sent);
        },
      ),
      { numRuns: 150 },
    );
  });
});

interface Sent {
  readonly verb: Verb;
  readonly expect: number;
  /** Head when the move was sent. */
  readonly head: number;
  readonly operation: OperationId;
  readonly outcome: EngineOutcome | LoadOutcome;
}

/** Sends one move, checks its outcome, and gives the model after it. */
async function play(subject: Subject, model: GraphModel, next: Move, sent: Sent[]): Promise<GraphModel> {
  const earlier = next.repeat === null ? undefined : sent[next.repeat];
  const operation = earlier?.operation ?? (subject.id() as OperationId);
  const chosen = earlier?.verb ?? next.verb;
  const head = model.chain.length;
  const expectVersion = earlier?.expect ?? Math.max(0, head + next.offset);
  const client = next.client ? subject.first : subject.second;
  client.store.follow((call) => (isManifestPut(call) ? next.fate : "act"));
  const outcome = await send(subject, client, chosen, expectVersion, operation);
  client.store.follow(() => "act");
  const stuck = stages(chosen) && sent.some((each) => each.operation === operation && each.head === head);
  sent.push({ verb: chosen, expect: expectVersion, head, operation, outcome });

  const isLoad = chosen.verb === "load";
  const landedAt = model.chain.indexOf(operation) + 1;
  if (landedAt > 0 && (isLoad || landedAt === expectVersion + 1)) {
    expect(outcome).toMatchObject({ tag: "done", manifest: { version: landedAt, operation_id: operation } });
    return model;
  }
  const possible = isLoad || expectVersion === head ? after(model, chosen, operation) : null;
  if (possible === null) {
    expect(outcome.tag).toBe("refused");
    return model;
  }
  if (possible === model) {
    expect(outcome).toMatchObject({ tag: "done", manifest: { version: head } });
    return model;
  }
  // Branches are never shared: what an attempt staged under this id on this head is not taken up again.
  if (stuck && outcome.tag === "unavailable") return model;
  return landed(next.fate, outcome) ? possible : model;
}

/** True for the verbs that write rows to a branch of their own before they publish. */
function stages(verb: Verb): boolean {
  return verb.verb === "load" || verb.verb === "compact";
}

/** What a possible verb must answer for what happened to its put, and whether it is in the chain now. */
function landed(fate: Fate, outcome: EngineOutcome | LoadOutcome): boolean {
  const expected = { act: "done", lose_answer: "done", lose_request: "ambiguous", fail: "unavailable" }[fate];
  expect(outcome.tag).toBe(expected);
  return expected === "done";
}

async function agrees(subject: Subject, model: GraphModel): Promise<void> {
  const chain = await chainOf(subject.first);
  expect(chain.map((manifest) => manifest.operation_id)).toEqual(model.chain);
  const head = chain.at(-1);
  expect(head?.incarnation ?? null).toBe(model.live?.id ?? null);
  expect((head?.dead ?? []).map((life) => [life.incarnation, life.reclaiming])).toEqual(
    model.dead.map((life) => [life.id, life.reclaiming]),
  );
  if (model.live) expect(await namesOf(subject.second)).toEqual(model.live.people);
}

/** Sends verbs at once, all on the head that is there now, their store calls in an order that the scheduler draws. */
async function race(
  subject: Subject,
  scheduler: fc.Scheduler,
  verbs: readonly Verb[],
  sent: Sent[],
): Promise<void> {
  const head = (await chainOf(subject.first)).length;
  for (const client of [subject.first, subject.second]) {
    client.store.follow((call) =>
      scheduler.schedule(Promise.resolve("act" as const), `${call.method} ${call.key}`),
    );
  }
  const racing = verbs.map(async (each, index) => {
    const operation = subject.id() as OperationId;
    const client = index % 2 === 0 ? subject.first : subject.second;
    const outcome = await send(subject, client, each, head, operation);
    sent.push({ verb: each, expect: head, head, operation, outcome });
  });
  await scheduler.waitFor(Promise.all(racing));
  for (const client of [subject.first, subject.second]) client.store.follow(() => "act");
}

/** The laws that hold whatever the order was. */
async function lawful(subject: Subject, sent: readonly Sent[]): Promise<void> {
  const chain = await chainOf(subject.second);
  const operations = chain.map((manifest) => manifest.operation_id);
  expect(new Set(operations).size).toBe(operations.length);
  for (const each of sent) {
    const at = operations.indexOf(each.operation) + 1;
    if (each.outcome.tag === "done" && at > 0) expect(chain[at - 1]).toEqual(each.outcome.manifest);
    if (each.outcome.tag === "done" && each.verb.verb !== "reclaim") expect(at).toBeGreaterThan(0);
    if (each.outcome.tag === "refused") expect(at).toBe(0);
    if (at > 0 && each.verb.verb !== "load") expect(at).toBe(each.expect + 1);
  }
  let model = NO_GRAPH;
  for (const [index, operation] of operations.entries()) {
    const own = sent.find((each) => each.operation === operation);
    const next = own ? after(model, own.verb, operation) : null;
    expect(next?.chain.length).toBe(index + 1);
    model = next ?? model;
  }
  await agrees(subject, model);
}

async function chainOf(client: Client): Promise<readonly Manifest[]> {
  const chain: Manifest[] = [];
  for (let version = 1; ; version += 1) {
    const read = await client.engine.at(GRAPH, version);
    if (read.tag !== "found") return chain;
    chain.push(read.manifest);
  }
}

async function send(
  subject: Subject,
  client: Client,
  chosen: Verb,
  head: number,
  operation: OperationId,
): Promise<EngineOutcome | LoadOutcome> {
  const request = write(subject, head, operation);
  switch (chosen.verb) {
    case "create": {
      const incarnation = chosen.life as IncarnationId;
      return client.engine.create({ ...request, schema_source: SCHEMA, incarnation });
    }
    case "load":
      return client.engine.load({ ...loading(subject, [person(chosen.name)]), operation_id: operation });
    case "migrate":
      return client.engine.migrate({ ...request, schema_source: OTHER_SCHEMA, data_loss: false });
    case "remove":
    case "fence":
    case "compact":
      return client.engine[chosen.verb](request);
    case "restore":
      return client.engine.restore({ ...request, incarnation: chosen.life as IncarnationId });
    case "reclaim":
      return client.engine.reclaim({
        ...request,
        incarnation: chosen.life as IncarnationId,
        recorded: true,
      });
  }
}

function lifeVerb<Name extends string>(name: Name) {
  return fc.record({ verb: fc.constant(name), life: fc.constantFrom(...LIVES) });
}

function open(): Subject {
  const objects = createMemoryBackend();
  const datasets = createMemoryTablesBackend();
  return openSubject({
    openStore: () => createMemoryObjectStore(objects),
    openTables: () => createMemoryTables(datasets),
    close: () => Promise.resolve(),
  });
}
