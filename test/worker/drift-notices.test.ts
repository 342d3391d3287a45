/** Drift is told once, whoever finds it first, and never lost: a worker that dies tells twice rather than not at all. */
import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import type { Notice } from "../../lib/ports/notices.ts";
import { announce } from "../../lib/worker/announce.ts";
import { DRIFTED_SHOWN_MAX, NOTICE_TEXT_CHARACTERS_MAX } from "../../lib/worker/limits.ts";
import { promptSchedule } from "../../lib/worker/prompt.ts";
import { driftText } from "../../lib/worker/tell-drift.ts";
import { decodeToldDrift, encodeToldDrift } from "../../lib/worker/told-drift.ts";
import {
  apply,
  keysBelow,
  ledgerOf,
  migrateBehind,
  putText,
  refresh,
  textOf,
  writeLedger,
} from "../apply/cluster.ts";
import { type ClusterFiles, PERSON, PERSON_WITH_NOTE } from "../apply/cluster-files.ts";
import { death } from "../apply/death.ts";
import { interfering } from "../apply/faults.ts";
import {
  appliedDeployment,
  beside,
  DEMO,
  INVOCATION_MS,
  loseMessages,
  openWorker,
  ordered,
  type Worker,
  work,
  worldOf,
} from "./deployment.ts";

const CONFIG: ClusterFiles = { graphs: { people: { schema: PERSON } } };
const LIST = "__graphform/told-drift.json";
const PEOPLE = ["graph.people", "schema.people"];

let worker: Worker;
beforeEach(async () => {
  worker = await appliedDeployment(CONFIG);
  worker.shared.notices.length = 0;
});

async function scheduled(by: Worker = worker): Promise<void> {
  await promptSchedule(by.deployment, DEMO, "refresh");
  await work(by);
}

async function migrated(schema = PERSON_WITH_NOTE): Promise<void> {
  await migrateBehind(beside(worker.shared), "people", schema);
}

/** The notices of drift since the last look. */
function told(): readonly Notice[] {
  const { notices } = worker.shared;
  return notices.splice(0).filter(({ kind }) => kind === "drift");
}

function list(): readonly string[] {
  const decoded = decodeToldDrift(worldOf(worker.shared).objects.objects.get(LIST) ?? new Uint8Array());
  return decoded.tag === "decoded" ? decoded.addresses : [];
}

describe("a drift", () => {
  test.each([
    ["the refresh of the schedule", () => scheduled()],
    ["a refresh that was ordered", () => ordered(worker, { kind: "refresh" }).then(() => work(worker))],
    ["the command line", () => refresh(beside(worker.shared), CONFIG)],
    ["a recovery that was ordered", recovered],
  ])("that %s records first is told once", async (_, record) => {
    await migrated();
    await record();
    expect(ledgerOf(worldOf(worker.shared)).resource_statuses["schema.people"]?.status).toBe("drifted");
    await scheduled();
    await scheduled();
    expect(told()).toMatchObject([
      {
        text: "What is deployed in demo is not what was applied: graph.people, schema.people.",
        codes: ["graph_drifted"],
      },
    ]);
    expect(list()).toEqual(PEOPLE);
  });

  test("is told by whoever was asked to refresh, and not only an hour later", async () => {
    await migrated();
    await ordered(worker, { kind: "refresh" });
    await work(worker);
    expect(told()).toHaveLength(1);
  });

  test("that is over is told again when it comes back, however it ended", async () => {
    await migrated();
    await scheduled();
    expect(told()).toHaveLength(1);
    await migrated(PERSON);
    await scheduled();
    expect([told(), list()]).toEqual([[], []]);
    await migrated();
    await scheduled();
    expect(told()).toHaveLength(1);
    expect((await apply(beside(worker.shared), CONFIG)).converged).toBe(true);
    await migrated();
    await scheduled();
    expect(told()).toHaveLength(1);
  });

  test("of a graph that could not be read in between is still the same", async () => {
    await migrated();
    await scheduled();
    const { world } = beside(worker.shared);
    const head = keysBelow(world, "graphs/people.omni/__manifest/")[0]!;
    const manifest = textOf(world, head);
    putText(world, head, "damaged");
    await scheduled();
    putText(world, head, manifest);
    await scheduled();
    expect(told()).toHaveLength(1);
  });
});

/** As a sweep that finds what no intent explains (J4). */
async function recovered(): Promise<void> {
  const applying = { status: "applying" };
  writeLedger(worldOf(worker.shared), (state) => ({
    ...state,
    resource_statuses: { ...state.resource_statuses, "graph.people": applying, "schema.people": applying },
  }));
  await ordered(worker, { kind: "recover" });
  await work(worker);
}

describe("a worker", () => {
  test.each([
    ["before it could tell", "get", 1],
    ["after it had told, before it could note that", "putIfAbsent", 2],
  ] as const)("that died %s leaves it to the next one", async (_, verb, times) => {
    await migrated();
    const { died, die } = death();
    const dying = openWorker(
      worker.shared,
      interfering((call) => {
        if (call.key !== LIST || call.verb !== verb) return "act";
        die();
        return "die_before";
      }),
    );
    await Promise.race([scheduled(dying), died]);
    expect(ledgerOf(worldOf(worker.shared)).resource_statuses["schema.people"]?.status).toBe("drifted");
    loseMessages(worker.shared);
    worker.shared.clock.advance(INVOCATION_MS);
    for (let hour = 0; hour < 3; hour += 1) await scheduled();
    expect(told()).toHaveLength(times);
  });

  test("whose notice was not sent, or who cannot see what was told, tells the next time", async () => {
    await migrated();
    const { notices } = worker.deployment;
    Object.assign(worker.deployment, { notices: { publish: () => Promise.resolve(false) } });
    await scheduled();
    expect(list()).toEqual([]);
    Object.assign(worker.deployment, { notices });
    const blind = openWorker(
      worker.shared,
      interfering(({ key }) => (key === LIST ? "fail" : "act")),
    );
    await scheduled(blind);
    expect(told()).toEqual([]);
    await scheduled();
    expect(told()).toHaveLength(1);
  });

  test("that finds a damaged list tells once more, and mends it", async () => {
    await migrated();
    await scheduled();
    putText(worldOf(worker.shared), LIST, "{");
    await scheduled();
    await scheduled();
    expect(told()).toHaveLength(2);
    expect(list()).toEqual(PEOPLE);
  });
});

describe("the text of a notice", () => {
  const many = Array.from(
    { length: 10_000 },
    (_, index) => `query.people.q${String(index).padStart(5, "0")}`,
  );

  test("says how much is drifted, and names as much as people read", async () => {
    const drifted = { status: "drifted", conditions: ["payload_missing"] };
    writeLedger(worldOf(worker.shared), (state) => ({
      ...state,
      resource_statuses: {
        ...state.resource_statuses,
        ...Object.fromEntries(many.map((each) => [each, drifted])),
      },
    }));
    await scheduled();
    const [{ text } = { text: "" }, ...more] = told();
    expect(more).toEqual([]);
    expect(text).toContain("10000 resources");
    expect(text.match(/query\.people\.q/g)).toHaveLength(DRIFTED_SHOWN_MAX);
    expect(text.length).toBeLessThanOrEqual(NOTICE_TEXT_CHARACTERS_MAX);
    expect(list()).toEqual(many);
    expect(driftText("demo", many.slice(0, DRIFTED_SHOWN_MAX))).not.toContain("resources");
  });

  test("is never longer than its limit, whatever names people give", async () => {
    const name = `query.people.${"q".repeat(3_000)}`;
    const text = driftText("demo", [name]);
    await announce(worker.deployment, DEMO, { kind: "drift", text });
    const [notice] = told();
    expect(notice?.text).toHaveLength(NOTICE_TEXT_CHARACTERS_MAX);
    expect(notice?.text.endsWith("q…")).toBe(true);
  });
});

test("the list of what was told is written exactly as the golden file has it, and read back", () => {
  const ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
  const bytes = encodeToldDrift(PEOPLE, ULID);
  const golden = readFileSync(new URL("../golden/worker/told-drift-1.json", import.meta.url), "utf8");
  expect(Buffer.from(bytes).toString("utf8")).toBe(golden);
  expect(decodeToldDrift(bytes)).toEqual({ tag: "decoded", addresses: PEOPLE, change_id: ULID });
  expect(decodeToldDrift(Buffer.from('{"format_version":2}')).tag).toBe("invalid");
});
