/** Backups and restores that are interrupted at any call, and what the next one makes of them. */
import { describe, expect, it } from "vitest";
import { decodeDeployment } from "../../lib/ledger/deployment.ts";
import {
  apply,
  type Client,
  codesOf,
  importCluster,
  keysBelow,
  newWorld,
  refresh,
  textOf,
  type World,
} from "../apply/cluster.ts";
import { FAULTS, type Fault, faultAt, recorder } from "../apply/faults.ts";
import type { Call } from "../apply/interference.ts";
import { backUp, newBacking, objectsOf, openRestored, restoreInto } from "./backed-up.ts";
import { backedUp, CLAIM, CONFIG, deployed, structuredCloneOf } from "./deployed.ts";

/** Dying at every call, every write without an answer, and every other fault at some calls. */
function faultsOf({
  seen,
}: {
  readonly seen: readonly Call[];
}): readonly { fault: Fault; ordinal: number }[] {
  const deaths = seen.map(({ ordinal }) => ({ fault: "die_before" as const, ordinal }));
  const lost = seen
    .filter(({ writes }) => writes)
    .map(({ ordinal }) => ({ fault: "lose_answer" as const, ordinal }));
  const others = FAULTS.filter((fault) => fault !== "die_before" && fault !== "lose_answer");
  const sampled = seen.map(({ ordinal }) => ({ fault: others[ordinal % others.length]!, ordinal }));
  return [...deaths, ...lost, ...sampled];
}

describe("interruption", () => {
  it("of a backup at any call leaves no half backup, and the next one is the same as without it", async () => {
    const client = await deployed();
    const undisturbed = newBacking(client.world);
    const by = recorder();
    await backUp({ ...undisturbed, interference: by });
    const contents = keysBelow(undisturbed.place, "objects/");
    for (const { fault, ordinal } of faultsOf(by)) {
      const at = `${fault} at ${ordinal}`;
      const backing = newBacking(client.world);
      const interference = faultAt(ordinal, fault);
      const first = await Promise.race([backUp({ ...backing, interference }), interference.died]);
      if (first?.ok === true) expect(keysBelow(backing.place, "backups/"), at).toHaveLength(1);
      const next = await backUp(backing);
      expect({ ok: next.ok, codes: codesOf(next) }, at).toEqual({ ok: true, codes: [] });
      expect(keysBelow(backing.place, "objects/"), at).toEqual(contents);
    }
  });

  it("by a storage that stays silent is told, and what was copied is found again", async () => {
    const backing = newBacking((await deployed()).world);
    const output = await backUp({ ...backing, interference: faultAt(60, "outage") });
    const next = await backUp(backing);

    expect(codesOf(output)).toEqual(["backup_store_error"]);
    expect(output.objects_written).toBeGreaterThan(0);
    expect(next.objects_written).toBeLessThan(next.objects);
  });

  it("of a restore at any call lets nobody write, and repeated it ends in the same objects", async () => {
    const { client, backing } = await backedUp();
    const whole = newWorld();
    const by = recorder();
    await restoreInto(whole, backing.place, {}, by);
    const expected = objectsOf(whole);
    for (const { fault, ordinal } of faultsOf(by)) {
      const at = `${fault} at ${ordinal}`;
      const target = newWorld();
      const interference = faultAt(ordinal, fault);
      const first = await Promise.race([
        restoreInto(target, backing.place, {}, interference),
        interference.died,
      ]);
      const begun = first?.ok !== true && keysBelow(target, CLAIM).length > 0;
      if (begun && ordinal % 3 === 0) await expectKept(target, client, at);
      const next = await restoreInto(target, backing.place);
      expect({ ok: next.ok, codes: codesOf(next) }, at).toEqual({ ok: true, codes: [] });
      expect({ ...objectsOf(target), [CLAIM]: "" }, at).toEqual({ ...expected, [CLAIM]: "" });
    }
  });
});

/** Unless only the answer of the last step was lost, an import and an apply of the new deployment refuse. */
async function expectKept(target: World, client: Client, at: string): Promise<void> {
  const deployment = decodeDeployment(Buffer.from(textOf(target, "__graphform/deployment.json"), "utf8"));
  if (deployment === null || deployment.lease_table.kind !== "restore") return;
  const copy: World = { ...newWorld(), objects: structuredCloneOf(target) };
  const there = openRestored(copy, client.world);
  expect(codesOf(await importCluster(there, CONFIG), "error"), at).toEqual(["deployment_mismatch"]);
  expect(codesOf(await apply(there, CONFIG), "error"), at).toContain("deployment_mismatch");
  expect(codesOf(await refresh(there, CONFIG), "error"), at).toContain("deployment_mismatch");
}
