/** What is not known to stay recorded, and what may still land, is not reported as done (L4, L6). */
import { describe, expect, test } from "vitest";
import { recoverCluster } from "../../lib/operate/recover-cluster.ts";
import {
  appliedWorld,
  apply,
  codesOf,
  desiredFrom,
  keysBelow,
  loadPeople,
  openClient,
  refresh,
} from "./cluster.ts";
import { ALL_PEOPLE, PERSON, PERSON_WITH_NOTE } from "./cluster-files.ts";
import { interfering } from "./faults.ts";
import { expectConverged } from "./invariants.ts";

const BEFORE = { graphs: { people: { schema: PERSON } } };
const QUERY = { graphs: { people: { schema: PERSON, queries: { all_people: ALL_PEOPLE } } } };
const NOTE = { graphs: { people: { schema: PERSON_WITH_NOTE } } };
const HEAD = /^__graphform\/heads\//;

describe("a revision whose proof could not be written", () => {
  const noHeads = () => interfering((call) => (call.writes && HEAD.test(call.key) ? "fail" : "act"));

  test("is not reported as applied, and the next command supplies the proof (L4)", async () => {
    const { world } = await appliedWorld(BEFORE);

    const output = await apply(openClient(world, noHeads()), QUERY);

    expect(output).toMatchObject({ ok: false, outcome: "unknown" });
    expect(codesOf(output, "error")).toEqual(["state_head_missing"]);
    const command = { desired: desiredFrom(QUERY), actor: "ana", trigger: "test" };
    expect(await recoverCluster(openClient(world).ports, command)).toMatchObject({ ok: true });
    expect(await apply(openClient(world), QUERY)).toMatchObject({ ok: true, outcome: "noop" });
    await expectConverged(world, ["people"]);
  });

  test("is an error of refresh as well (L4)", async () => {
    const client = await appliedWorld(BEFORE);
    await loadPeople(client, "people", "Ada");

    const output = await refresh(openClient(client.world, noHeads()), BEFORE);

    expect(output).toMatchObject({ ok: false, state_written: true });
    expect(codesOf(output, "error")).toEqual(["state_head_missing"]);
  });
});

test("an apply whose only effect may still land says unknown, and keeps its intent (L6)", async () => {
  const { world } = await appliedWorld(BEFORE);
  let sent = false;
  const deaf = interfering((call) => {
    if (!call.key.startsWith("graphs/people.omni/__manifest/")) return "act";
    if (call.writes) sent = true;
    return !sent ? "act" : call.writes ? "lose_answer" : "fail";
  });

  const output = await apply(openClient(world, deaf), NOTE);

  expect(output).toMatchObject({ ok: false, outcome: "unknown", converged: false });
  expect(keysBelow(world, "__cluster/recoveries/")).toHaveLength(1);
  expect(await apply(openClient(world), NOTE)).toMatchObject({ ok: true, converged: true });
  await expectConverged(world, ["people"]);
});
