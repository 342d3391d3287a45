/** Objects in the place that are not what their names say: found by size, found by reading, and put again. */
import { describe, expect, it } from "vitest";
import { verifyBackup } from "../../lib/backup/verify-backup.ts";
import { createMemoryObjectParts } from "../../lib/memory/object-parts.ts";
import { createMemoryObjectStore } from "../../lib/memory/object-store.ts";
import { codesOf, keysBelow, loadPeople, newWorld, putText, textOf, type World } from "../apply/cluster.ts";
import { recorder } from "../apply/faults.ts";
import { type Backing, backUp, objectsOf, restoreInto } from "./backed-up.ts";
import { backedUp } from "./deployed.ts";

/** Rows, which a backup reads only once. */
function rowsIn(place: World): string {
  const found = Object.entries(objectsOf(place)).find(([, text]) => text.startsWith("root="));
  return found?.[0] ?? "";
}

function inventoryIn(place: World): string {
  const found = Object.entries(objectsOf(place)).find(([, text]) => text.startsWith('{"key":'));
  return found?.[0] ?? "";
}

const verified = ({ place, source }: Backing, backup_id: string | null = null) =>
  verifyBackup(
    {
      store: createMemoryObjectStore(place.objects),
      parts: createMemoryObjectParts(place.objects),
      clock: source.clock,
    },
    { from: "/backups", backup_id, digest: null, progress: () => undefined },
  );

const ofSameSize = (text: string): string => `X${text.slice(1)}`;

describe("a damaged object in the place", () => {
  it("of another size is put again by the next backup, which says so", async () => {
    const { client, backing } = await backedUp();
    const key = rowsIn(backing.place);
    const whole = textOf(backing.place, key);
    putText(backing.place, key, "rot");
    await loadPeople(client, "people", "Cy");
    const next = await backUp(backing);

    expect(next).toMatchObject({ ok: true, objects_repaired: 1 });
    expect(codesOf(next)).toEqual(["backup_objects_repaired"]);
    expect(textOf(backing.place, key)).toBe(whole);
    expect(await restoreInto(newWorld(), backing.place)).toMatchObject({ ok: true });
  });

  it("of the same size is put again by a backup that verifies", async () => {
    const { backing } = await backedUp();
    const key = rowsIn(backing.place);
    const whole = textOf(backing.place, key);
    putText(backing.place, key, ofSameSize(whole));
    const next = await backUp(backing, true);

    expect(next).toMatchObject({ ok: true, written: false, objects_repaired: 1, objects_written: 1 });
    expect(textOf(backing.place, key)).toBe(whole);
    expect(await backUp(backing, true)).toMatchObject({ objects_repaired: 0, objects_written: 0 });
  });

  it("that is missing is put again", async () => {
    const { backing } = await backedUp();
    const key = rowsIn(backing.place);
    backing.place.objects.objects.delete(key);

    expect(await backUp(backing)).toMatchObject({ ok: true, objects_written: 1 });
    expect(await verified(backing)).toMatchObject({ ok: true });
  });

  it("that is a part of the inventory is put again", async () => {
    const { backing } = await backedUp();
    const key = inventoryIn(backing.place);
    const whole = textOf(backing.place, key);
    putText(backing.place, key, "rot");

    expect(await backUp(backing)).toMatchObject({ ok: true, written: false });
    expect(textOf(backing.place, key)).toBe(whole);
  });

  it("is told where the place lets nothing be replaced, and no backup is made", async () => {
    const { client, backing } = await backedUp();
    const key = rowsIn(backing.place);
    putText(backing.place, key, "rot");
    await loadPeople(client, "people", "Cy");
    const before = keysBelow(backing.place, "backups/");
    const interference = {
      ...recorder(),
      before: ({ verb }: { readonly verb: string }) =>
        (verb === "replace" ? "fail" : "act") as "fail" | "act",
    };
    const next = await backUp({ ...backing, interference });

    expect(codesOf(next, "error")).toEqual(["backup_object_damaged"]);
    expect(next.diagnostics[0]?.path).toBe(key);
    expect(keysBelow(backing.place, "backups/")).toEqual(before);
    expect(textOf(backing.place, key)).toBe("rot");
  });

  it("whose rows the root has not any more is told, and the new backup is whole", async () => {
    const { client, backing } = await backedUp();
    const key = rowsIn(backing.place);
    const whole = textOf(backing.place, key);
    const source = Object.entries(objectsOf(client.world)).find(([, text]) => text === whole)?.[0] ?? "";
    putText(backing.place, key, "rot");
    putText(client.world, source, `${whole} moved`);
    const next = await backUp(backing);

    expect(codesOf(next)).toEqual(["backup_objects_lost"]);
    expect(next.diagnostics[0]?.message).toContain(key);
    expect(await verified(backing)).toMatchObject({ ok: true });
  });
});

describe("the verification of a backup", () => {
  it("reads every object, and finds nothing wrong with a whole one", async () => {
    const { backing } = await backedUp();
    const output = await verified(backing);

    expect(output).toMatchObject({ ok: true, damaged: [], diagnostics: [] });
    expect(output.objects).toBe(keysBelow(backing.place, "objects/").length);
  });

  it("reports each object that is damaged or missing", async () => {
    const { backing } = await backedUp();
    for (const key of keysBelow(backing.place, "objects/")) {
      if (key === inventoryIn(backing.place)) continue;
      const whole = textOf(backing.place, key);
      putText(backing.place, key, ofSameSize(whole));
      expect((await verified(backing)).damaged).toMatchObject([{ object: key, found: "damaged" }]);
      backing.place.objects.objects.delete(key);
      expect((await verified(backing)).damaged).toMatchObject([{ object: key, found: "missing" }]);
      putText(backing.place, key, whole);
    }
    const inventory = inventoryIn(backing.place);
    for (const key of keysBelow(backing.place, "objects/")) {
      if (key !== inventory) putText(backing.place, key, "rot");
    }
    const all = await verified(backing);
    expect(all.damaged).toHaveLength(keysBelow(backing.place, "objects/").length - 1);
    expect(new Set(codesOf(all))).toEqual(new Set(["backup_object_damaged"]));
    putText(backing.place, inventory, "rot");
    expect((await verified(backing)).damaged).toContainEqual({
      object: inventory,
      found: "damaged",
      key: null,
    });
  });

  it("tells a record whose inventory names other objects than it says", async () => {
    const { backing } = await backedUp();
    const [key = ""] = keysBelow(backing.place, "backups/");
    const record = textOf(backing.place, key);
    putText(backing.place, key, record.replace(/"inventory": \[[^\]]*\]/, '"inventory": []'));
    expect(codesOf(await verified(backing))).toEqual(["backup_unusable"]);
    const [, ledger = ""] = /"digest": "([0-9a-f]{64})"/.exec(record) ?? [];
    const part = `[{ "digest": "${ledger}", "objects": 1 }]`;
    putText(backing.place, key, record.replace(/"inventory": \[[^\]]*\]/, `"inventory": ${part}`));

    expect(codesOf(await verified(backing))).toEqual(["backup_unusable"]);
  });

  it("is of the backup that is named", async () => {
    const { client, backing } = await backedUp();
    const [firstKey = ""] = keysBelow(backing.place, "backups/");
    const inventory = inventoryIn(backing.place);
    await loadPeople(client, "people", "Cy");
    const second = await backUp(backing);
    putText(backing.place, inventory, "rot");

    expect(await verified(backing)).toMatchObject({ ok: true, backup_id: second.backup_id });
    const first = firstKey.slice("backups/".length, -".json".length);
    expect(await verified(backing, first)).toMatchObject({ ok: false, backup_id: first });
  });
});
