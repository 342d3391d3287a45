/** A plan that was reviewed runs exactly as reviewed, once, or names what moved (design 5, A5). */
import { describe, expect, test } from "vitest";
import { storedPlan } from "../../lib/apply/planning/plan-store.ts";
import type { PlanId } from "../../lib/digest/ids.ts";
import { decodePlan } from "../../lib/plan/plan-codec.ts";
import { encodePlan, type PlanDocument } from "../../lib/plan/plan-document.ts";
import {
  appliedWorld,
  apply,
  type Client,
  codesOf,
  headOf,
  keysBelow,
  ledgerOf,
  loadPeople,
  migrateBehind,
  openClient,
  planned,
  putText,
  refresh,
  removeBehind,
  reportsOf,
  storedObjects,
} from "./cluster.ts";
import { FIND_PERSON, NOTES, PERSON, PERSON_UNSUPPORTED, PERSON_WITH_NOTE } from "./cluster-files.ts";
import { interfering } from "./faults.ts";
import { historyOf } from "./invariants.ts";

const BEFORE = { graphs: { people: { schema: PERSON, queries: { find_person: FIND_PERSON } } } };
const AFTER = { graphs: { people: { schema: PERSON_WITH_NOTE, queries: { notes: NOTES } } } };
const DROPS_AGE = "node Person {\n  name: String @key\n}\n";

/** As it comes back from a file. */
function fromFile(plan: PlanDocument): PlanDocument {
  const decoded = decodePlan(encodePlan(plan), "reviewed.plan");
  if (decoded.tag === "invalid") throw new Error(decoded.diagnostics.map((each) => each.message).join("\n"));
  return decoded.plan;
}

function applyReviewed(client: Client, config: Parameters<typeof apply>[1], reviewed: PlanDocument) {
  return apply(client, config, { reviewed });
}

describe("a reviewed plan", () => {
  test("comes back from its file as the same bytes, and runs", async () => {
    const client = await appliedWorld(BEFORE);
    const made = await planned(client, AFTER);
    const read = fromFile(made);

    const output = await applyReviewed(client, AFTER, read);

    expect(encodePlan(read)).toBe(encodePlan(made));
    expect(output).toMatchObject({ ok: true, converged: true, plan_id: expect.any(String) });
    expect(historyOf(client.world).at(-1)?.plan_id).toBe(made.plan_id);
  });

  test("is used once: a second run of it is refused and changes nothing", async () => {
    const client = await appliedWorld(BEFORE);
    const made = fromFile(await planned(client, AFTER));
    await applyReviewed(client, AFTER, made);
    const settled = storedObjects(client.world);

    const output = await applyReviewed(client, AFTER, made);

    expect(codesOf(output, "error")).toEqual(["plan_already_used"]);
    expect(output.outcome).toBe("refused");
    expect(storedObjects(client.world)).toEqual(settled);
  });

  test("is used up by a run that died after it had begun", async () => {
    const client = await appliedWorld(BEFORE);
    const made = fromFile(await planned(client, AFTER));
    const stopped = openClient(
      client.world,
      interfering((call) => (call.key.startsWith("__cluster/recoveries/") && call.writes ? "fail" : "act")),
    );
    await applyReviewed(stopped, AFTER, made);

    const output = await applyReviewed(client, AFTER, made);

    expect(codesOf(output, "error")).toEqual(["plan_already_used"]);
  });

  test("whose use cannot be recorded is not run", async () => {
    const client = await appliedWorld(BEFORE);
    const made = fromFile(await planned(client, AFTER));
    const blocked = openClient(
      client.world,
      interfering((call) => (call.key.endsWith("-used.json") && call.writes ? "fail" : "act")),
    );

    const output = await applyReviewed(blocked, AFTER, made);

    expect(codesOf(output, "error")).toEqual(["plan_write_error"]);
    expect((await headOf(client, "people")).version).toBe(1);
    expect(keysBelow(client.world, "__cluster/recoveries/")).toEqual([]);
  });

  test("that was refused because the world moved is not used up", async () => {
    const client = await appliedWorld(BEFORE);
    const made = fromFile(await planned(client, AFTER));
    await migrateBehind(client, "people", PERSON_WITH_NOTE);
    const refused = await applyReviewed(client, AFTER, made);
    await migrateBehind(client, "people", PERSON);

    const output = await applyReviewed(client, AFTER, made);

    expect(codesOf(refused, "error")).toContain("plan_stale");
    expect(codesOf(output, "error")).toEqual([]);
    expect(output.converged).toBe(true);
  });

  test("is not voided by a refresh or a load (design 5)", async () => {
    const client = await appliedWorld(BEFORE);
    const made = fromFile(await planned(client, AFTER));
    await loadPeople(client, "people", "ada");
    await refresh(client, BEFORE);

    const output = await applyReviewed(client, AFTER, made);

    expect(output).toMatchObject({ ok: true, converged: true });
  });

  test("is voided by another config", async () => {
    const client = await appliedWorld(BEFORE);
    const made = await planned(client, AFTER);

    const output = await applyReviewed(client, BEFORE, made);

    expect(reportsOf(output)).toContain("plan_stale cluster.yaml");
    expect(output.outcome).toBe("refused");
  });

  test("is voided by another life of its graph", async () => {
    const client = await appliedWorld(BEFORE);
    const made = await planned(client, AFTER);
    await removeBehind(client, "people");
    await refresh(client, BEFORE);
    await apply(client, BEFORE);

    const output = await applyReviewed(client, AFTER, made);

    expect(codesOf(output, "error")).toContain("plan_stale");
    expect(output.diagnostics.map((each) => each.message).join(" ")).toContain(
      "deleted, created or restored",
    );
  });

  test("is voided when more values would be lost than the reviewer saw", async () => {
    const client = await appliedWorld(BEFORE);
    const dropping = { graphs: { people: { schema: DROPS_AGE, queries: { find_person: FIND_PERSON } } } };
    await loadWithAge(client, "ada");
    const made = fromFile(await planned(client, dropping));
    await loadWithAge(client, "bob");

    const output = await applyReviewed(client, dropping, made);

    expect(reportsOf(output)).toEqual(["plan_stale schema.people"]);
    expect(output.diagnostics[0]?.message).toContain("1 more value");
  });

  test("is voided by an operator who applied a part of it meanwhile", async () => {
    const client = await appliedWorld(BEFORE);
    const made = await planned(client, AFTER);
    await apply(client, AFTER);

    const output = await applyReviewed(client, AFTER, made);

    expect(output.diagnostics.map((each) => each.message).join("\n")).toContain("needs no change any more");
  });

  test("runs with a step whose bounds are exact integers beyond what JSON readers keep", async () => {
    const bounded =
      "node Person {\n  name: String @key\n  age: I64?\n  @range(age, 0..9007199254740993)\n}\n";
    const client = await appliedWorld({ graphs: { people: { schema: bounded } } });
    const free = { graphs: { people: { schema: DROPS_AGE } } };
    const made = fromFile(await planned(client, free));

    const output = await applyReviewed(client, free, made);

    expect(encodePlan(made)).toContain('"9007199254740993"');
    expect(output).toMatchObject({ ok: true, converged: true });
  });

  test("keeps its targets", async () => {
    const client = await appliedWorld(BEFORE);
    const wide = { graphs: { ...AFTER.graphs, shop: { schema: PERSON } } };
    const made = await planned(client, wide);
    const narrow: PlanDocument = { ...made, targets: [] };

    const output = await applyReviewed(client, wide, narrow);

    expect(codesOf(output, "error")).toContain("plan_stale");
  });

  test("with a refused migration is blocked again, not run", async () => {
    const client = await appliedWorld(BEFORE);
    const refused = {
      graphs: { people: { schema: PERSON_UNSUPPORTED, queries: { find_person: FIND_PERSON } } },
    };
    const made = fromFile(await planned(client, refused));

    const output = await applyReviewed(client, refused, made);

    expect(codesOf(output, "error")).toEqual(["schema_apply_failed"]);
    expect(ledgerOf(client.world).applied_revision.resources["schema.people"]).toBeDefined();
  });
});

async function loadWithAge(client: Client, name: string): Promise<void> {
  await loadPeople(client, "people", { name, age: 7 });
}

describe("a stored plan", () => {
  test("is kept under its id when plan is asked to, and comes back from there", async () => {
    const client = await appliedWorld(BEFORE);

    const made = await planned(client, AFTER, true);
    const read = await storedPlan(client.ports, made.plan_id);

    expect(keysBelow(client.world, "__graphform/plans/")).toEqual([`__graphform/plans/${made.plan_id}.json`]);
    expect(read.tag === "decoded" && encodePlan(read.plan)).toBe(encodePlan(made));
  });

  test("that does not exist is named, and one that cannot be stored is an error", async () => {
    const client = await appliedWorld(BEFORE);
    const full = openClient(
      client.world,
      interfering((call) => (call.key.startsWith("__graphform/plans/") && call.writes ? "fail" : "act")),
    );

    const missing = await storedPlan(client.ports, "01ARZ3NDEKTSV4RRFFQ69G5FAV" as PlanId);
    const unwritten = await planned(full, AFTER, true).catch((error: unknown) => String(error));

    expect(missing.tag === "invalid" && codesOf(missing)).toEqual(["plan_not_found"]);
    expect(unwritten).toContain("plan_write_error");
  });

  test("is not what a changed file of the same id says", async () => {
    const client = await appliedWorld(BEFORE);
    const made = await planned(client, AFTER, true);
    putText(client.world, `__graphform/plans/${made.plan_id}.json`, "another plan");

    const output = await applyReviewed(client, AFTER, made);

    expect(codesOf(output, "error")).toEqual(["plan_invalid"]);
    expect((await headOf(client, "people")).version).toBe(1);
  });
});
