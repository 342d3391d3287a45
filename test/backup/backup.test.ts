/** Backups of a whole cluster and their restore: what is in them, what they refuse, what interruption does to them. */
import { describe, expect, it } from "vitest";
import { openRestoredRows } from "../../lib/backup/open-restored-rows.ts";
import { decodeRestoreClaim } from "../../lib/backup/restore-claim.ts";
import { createMemoryTables, createMemoryTablesBackend } from "../../lib/engine/memory/memory-tables.ts";
import { decodeDeployment, FILE_LEASE_TABLE } from "../../lib/ledger/deployment.ts";
import { readMarker } from "../../lib/ledger/marker.ts";
import { createCountingIds } from "../../lib/memory/ids.ts";
import { fsckCluster } from "../../lib/observe/fsck-cluster.ts";
import {
  apply,
  type Client,
  changesOf,
  codesOf,
  importCluster,
  keysBelow,
  ledgerOf,
  loadPeople,
  newWorld,
  planned,
  putText,
  rowsOf,
  type World,
} from "../apply/cluster.ts";
import { faultAt, recorder } from "../apply/faults.ts";
import {
  type Backing,
  backUp,
  NEW_OWNER,
  NEW_ROOT,
  newBacking,
  objectsOf,
  openFiled,
  openRestored,
  restoreInto,
  rowsAt,
} from "./backed-up.ts";
import { backedUp, CHANGED, CLAIM, CONFIG, deployed, structuredCloneOf } from "./deployed.ts";

/** Objects of one load. */
const ROWS = 1;
const MANIFEST = 1;
const STATE = "__cluster/state.json";

async function contradicted({ ports }: Client): Promise<readonly unknown[]> {
  const checked = await fsckCluster(ports, { config_dir: ".", repair: false });
  return checked.facts.filter(({ verdict }) => verdict === "contradicted" || verdict === "unknown");
}

describe("a backup", () => {
  it("restores the cluster elsewhere, for another deployment, and it goes on from there (A3, A7, K1)", async () => {
    const { client, backing } = await backedUp();
    const target = newWorld();
    const restored = await restoreInto(target, backing.place);
    const there = openRestored(target, client.world);

    expect(restored).toMatchObject({ ok: true, diagnostics: [], owner: "new deployment", open_runs: 0 });
    expect(await contradicted(there)).toEqual([]);
    expect(changesOf(await planned(there, CONFIG))).toEqual([]);
    expect(await rowsOf(there, "people")).toBe(2);
    const again = await apply(there, CHANGED);
    expect({ codes: codesOf(again, "error"), converged: again.converged }).toEqual({
      codes: [],
      converged: true,
    });
    const marker = readMarker(ledgerOf(client.world));
    if (marker.tag !== "marked") throw new Error("the ledger has no marker");
    expect(target.objects.lease.token).toBeGreaterThan(marker.marker.token);
  });

  it("holds every object but the lock, and the restored root holds the same, moved and with its claim", async () => {
    const { client, backing } = await backedUp();
    putText(client.world, "__graphform/doctor/1/put", "left over");
    const target = newWorld();
    await restoreInto(target, backing.place);
    const { [CLAIM]: claim, ...objects } = objectsOf(target);
    const original = objectsOf(client.world);
    const expected = Object.fromEntries(
      Object.entries(original).flatMap(([key, text]) => {
        if (key.startsWith("__graphform/doctor/") || key === "__cluster/lock.json") return [];
        return [[key, key.endsWith(".rows") ? latin1(rowsAt(NEW_ROOT, key)) : text]];
      }),
    );

    const deployment = "__graphform/deployment.json";
    expect({ ...objects, [deployment]: "" }).toEqual({ ...expected, [deployment]: "" });
    expect(Object.keys(expected).some((key) => key.endsWith(".rows"))).toBe(true);
    expect(decodeDeployment(Buffer.from(objects[deployment] ?? "", "latin1"))).toMatchObject(NEW_OWNER);
    expect(decodeRestoreClaim(Buffer.from(claim ?? "", "latin1"))).toMatchObject({
      tag: "read",
      value: {
        backup: { root: "/cluster", revision: ledgerOf(client.world).state_revision },
        replaced: { lease_table: { kind: "memory", name: "test" } },
        deployment: NEW_OWNER,
        actor: "bo",
      },
    });
  });

  it("copies what has changed and nothing else, and makes no second backup of the same", async () => {
    const { client, backing } = await backedUp();
    const same = await backUp(backing);
    await loadPeople(client, "people", "Cy");
    const read: string[] = [];
    const interference = { ...recorder(), after: (call: { key: string }) => void read.push(call.key) };
    const next = await backUp({ ...backing, interference });

    expect(same).toMatchObject({ ok: true, written: false, objects_written: 0 });
    expect(next).toMatchObject({ ok: true, written: true, objects_written: ROWS + MANIFEST });
    expect(read.filter((key) => key.endsWith(".rows"))).toHaveLength(1);
    expect(keysBelow(backing.place, "backups/")).toHaveLength(2);
  });

  it("keeps the earlier ones whole: each can be restored", async () => {
    const { client, backing } = await backedUp();
    const earlier = keysBelow(backing.place, "backups/")[0]?.slice("backups/".length, -".json".length) ?? "";
    const before = ledgerOf(client.world);
    await loadPeople(client, "people", "Cy");
    await apply(client, CHANGED);
    await backUp(backing);
    const target = newWorld();
    await restoreInto(target, backing.place, { backup_id: earlier });
    const there = openRestored(target, client.world);

    expect(ledgerOf(target)).toEqual(before);
    expect(await rowsOf(there, "people")).toBe(2);
    expect(await contradicted(there)).toEqual([]);
  });

  it("may be restored, backed up and restored again", async () => {
    const { client, backing } = await backedUp();
    const second = newWorld();
    await restoreInto(second, backing.place);
    await apply(openRestored(second, client.world), CHANGED);
    const again: Backing = { ...backing, source: second };
    expect(codesOf(await backUp(again))).toEqual([]);
    const third = newWorld();
    expect(codesOf(await restoreInto(third, backing.place))).toEqual([]);

    expect(keysBelow(third, "__graphform/restores/")).toHaveLength(2);
    expect(await contradicted(openRestored(third, client.world))).toEqual([]);
  });

  it("leaves a lock file of a dead holder out, and takes open runs with it if it is to", async () => {
    const { client, backing } = await backedUp();
    putText(client.world, "__graphform/open-runs/01ARZ3NDEKTSV4RRFFQ69G5FAV.json", "{}");
    await backUp(backing);
    const restored = await restoreInto(newWorld(), backing.place, { keep_open_runs: true });

    expect(restored).toMatchObject({ ok: true, open_runs: 1 });
    expect(codesOf(restored)).toEqual(["restored_runs_open"]);
  });
});

describe("a backup is refused", () => {
  const OPERATION = "__cluster/recoveries/01ARZ3NDEKTSV4RRFFQ69G5FAV.json";

  it.each([
    ["where there is no ledger", async () => newBacking(newWorld()), "backup_source_unfit"],
    [
      "while an operation is open",
      async () => {
        const { world } = await deployed();
        putText(world, OPERATION, "{}");
        return newBacking(world);
      },
      "backup_source_busy",
    ],
    [
      "while another tool holds the lock",
      async () => {
        const { world } = await deployed();
        const lock = {
          version: 1,
          lock_id: "x",
          operation: "apply",
          created_at: "2026-01-01T00:00:00Z",
          pid: 1,
        };
        putText(world, "__cluster/lock.json", JSON.stringify(lock));
        return newBacking(world);
      },
      "backup_source_busy",
    ],
    [
      "where a cluster lives",
      async () => {
        const { world } = await deployed();
        return { ...newBacking(world), place: world };
      },
      "backup_place_unfit",
    ],
    [
      "beside those of another cluster",
      async () => {
        const { backing } = await backedUp();
        const other = openFiled(newWorld());
        await importCluster(openFiled(other.world), CONFIG);
        await apply(other, CHANGED);
        return { ...backing, source: other.world };
      },
      "backup_place_unfit",
    ],
    [
      "where the ledger is older than the newest backup",
      async () => {
        const { client, backing } = await backedUp();
        const older = newWorld();
        await restoreInto(older, backing.place);
        await apply(client, CHANGED);
        await backUp(backing);
        return { ...backing, source: older };
      },
      "backup_place_unfit",
    ],
    [
      "where a file with rows is gone",
      async () => {
        const { world } = await deployed();
        for (const key of keysBelow(world, "graphs/"))
          if (key.endsWith(".rows")) world.objects.objects.delete(key);
        return newBacking(world);
      },
      "backup_incomplete",
    ],
    [
      "where a version of a graph is gone",
      async () => {
        const { world } = await deployed();
        world.objects.objects.delete(keysBelow(world, "graphs/people.omni/__manifest/").at(-1) ?? "");
        return newBacking(world);
      },
      "backup_incomplete",
    ],
    [
      "where a payload is not what the ledger names",
      async () => {
        const { world } = await deployed();
        putText(world, keysBelow(world, "__cluster/resources/query/")[0] ?? "", "edited");
        return newBacking(world);
      },
      "backup_incomplete",
    ],
  ])("%s", async (_, prepare, code) => {
    const backing = await prepare();
    const before = keysBelow(backing.place, "backups/");
    const output = await backUp(backing);

    expect(output.ok).toBe(false);
    expect(new Set(codesOf(output, "error"))).toEqual(new Set([code]));
    expect(keysBelow(backing.place, "backups/")).toEqual(before);
  });
});

describe("the rows of a restored cluster", () => {
  it("are opened and counted, and one that is not as its manifest says is told", async () => {
    const client = await deployed();
    const { store, clock } = client.ports;
    const whole = createMemoryTables(client.world.rows);
    const empty = createMemoryTables(createMemoryTablesBackend());

    expect(await openRestoredRows({ store, clock, tables: whole })).toEqual([]);
    const problems = await openRestoredRows({ store, clock, tables: empty });
    expect(problems.map(({ code, path }) => [code, path])).toEqual([
      ["restore_rows_unreadable", "graph.people"],
    ]);
  });
});

describe("a restore is refused", () => {
  it.each([
    "__cluster/state.json",
    "__graphform/heads/00000000000000000001.json",
    "graphs/x.omni/graphform.json",
  ])("where %s lies, and names it", async (key) => {
    const { backing } = await backedUp();
    const target = newWorld();
    putText(target, key, "{}");
    const output = await restoreInto(target, backing.place);

    expect(codesOf(output)).toEqual(["restore_root_not_empty"]);
    expect(output.diagnostics[0]?.message).toContain(key);
    expect([...target.objects.objects.keys()]).toEqual([key]);
  });

  it("where much lies, and names a few of the keys and how many there are", async () => {
    const { client, backing } = await backedUp();
    const output = await restoreInto({ ...client.world, clock: backing.place.clock }, backing.place);

    expect(codesOf(output)).toEqual(["restore_root_not_empty"]);
    const { message } = output.diagnostics[0]!;
    expect(message).toMatch(/^The root is not empty; it holds [^, ]+, [^, ]+, [^, ]+ and \d+ more\.$/);
  });

  it("over a cluster that has gone on since it was restored", async () => {
    const { client, backing } = await backedUp();
    const target = newWorld();
    await restoreInto(target, backing.place);
    expect(await restoreInto(target, backing.place)).toMatchObject({ ok: true, objects_written: 0 });
    await apply(openRestored(target, client.world), CHANGED);
    const before = objectsOf(target);

    expect(codesOf(await restoreInto(target, backing.place))).toEqual(["restore_root_not_empty"]);
    expect(objectsOf(target)).toEqual(before);
  });

  it("where another restore has begun", async () => {
    const { backing } = await backedUp();
    const target = newWorld();
    const by = faultAt(15, "die_before");
    await Promise.race([restoreInto(target, backing.place, {}, by), by.died]);
    expect(keysBelow(target, CLAIM)).toEqual([CLAIM]);
    const other = { deployment: { owner: "somebody else", lease_table: FILE_LEASE_TABLE } };

    expect(codesOf(await restoreInto(target, backing.place, other))).toEqual(["restore_root_not_empty"]);
  });

  it.each([
    ["an object is gone", (place: World, key: string) => void place.objects.objects.delete(key)],
    ["an object is damaged", (place: World, key: string) => putText(place, key, "damaged")],
  ])("where %s, and it never becomes a cluster", async (_, damage) => {
    const { backing } = await backedUp();
    for (const key of keysBelow(backing.place, "objects/")) {
      const place: World = { ...newWorld(), objects: structuredCloneOf(backing.place) };
      damage(place, key);
      const target = newWorld();
      const output = await restoreInto(target, place);

      // Whose the cluster was is only recorded, and a deployment is damaged without harm.
      expect(codesOf(output), key).toEqual(["backup_unusable"]);
      expect(keysBelow(target, STATE)).toEqual([]);
    }
  });

  it("where there is no backup, or not the one that was named", async () => {
    const { backing } = await backedUp();
    const backup_id = createCountingIds(3).next();

    for (const output of [
      await restoreInto(newWorld(), newWorld()),
      await restoreInto(newWorld(), backing.place, { backup_id }),
    ]) {
      expect(codesOf(output)).toEqual(["backup_not_found"]);
      expect(output.diagnostics[0]?.why).not.toMatch(/damaged|digest/);
    }
  });

  it("where rows cannot be moved", async () => {
    const client = await deployed();
    const rows = keysBelow(client.world, "graphs/").find((key) => key.endsWith(".rows")) ?? "";
    putText(client.world, rows, "unknown");
    const backing = newBacking(client.world);
    await backUp(backing);

    expect(codesOf(await restoreInto(newWorld(), backing.place))).toEqual(["restore_rows_unmovable"]);
  });
});

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}
