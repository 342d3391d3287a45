/** Which backup is the newest, whatever the ids and the clocks are, and records that are not what their names say. */
import { describe, expect, it } from "vitest";
import { findBackups } from "../../lib/backup/find-backups.ts";
import { sha256 } from "../../lib/digest/digest.ts";
import { createMemoryObjectStore } from "../../lib/memory/object-store.ts";
import { apply, codesOf, keysBelow, loadPeople, newWorld, putText, textOf } from "../apply/cluster.ts";
import { type Backing, backUp, restoreInto } from "./backed-up.ts";
import { backedUp, CHANGED } from "./deployed.ts";

const LAST_ID = "7ZZZZZZZZZZZZZZZZZZZZZZZZZ";
const LAST_KEY = `backups/${LAST_ID}.json`;

async function idsIn({ place, source }: Backing): Promise<readonly string[]> {
  const found = await findBackups({ store: createMemoryObjectStore(place.objects), clock: source.clock });
  if (found.tag === "stopped") throw new Error(JSON.stringify(found.diagnostics));
  return found.value.backups.map(({ record }) => record.backup_id);
}

/** The only record, under another id that it also says, and with its date moved. */
function rename({ place }: Backing, id: string, at: string | null = null): void {
  const [key = ""] = keysBelow(place, "backups/");
  const text = textOf(place, key).replace(/"backup_id": "[^"]*"/, `"backup_id": "${id}"`);
  place.objects.objects.delete(key);
  putText(place, `backups/${id}.json`, at === null ? text : text.replace(/"at": "[^"]*"/, `"at": "${at}"`));
}

describe("the newest backup", () => {
  it("is of the highest revision, although an older one has an id that sorts last", async () => {
    const { client, backing } = await backedUp();
    rename(backing, LAST_ID);
    await apply(client, CHANGED);
    const second = await backUp(backing);
    const restored = await restoreInto(newWorld(), backing.place);

    expect(await idsIn(backing)).toEqual([second.backup_id, LAST_ID]);
    expect(restored).toMatchObject({ ok: true, backup_id: second.backup_id, digest: second.digest });
    expect(await backUp(backing)).toMatchObject({ written: false, backup_id: second.backup_id });
  });

  it("is the later one of a revision, although a fast clock took the earlier one, and that is told", async () => {
    const { client, backing } = await backedUp();
    rename(backing, LAST_ID, "2999-01-01T00:00:00Z");
    await loadPeople(client, "people", "Cy");
    const second = await backUp(backing);
    const restored = await restoreInto(newWorld(), backing.place);

    expect(codesOf(second)).toEqual(["backup_clock_behind"]);
    expect(await idsIn(backing)).toEqual([second.backup_id, LAST_ID]);
    expect(restored).toMatchObject({ ok: true, backup_id: second.backup_id });
  });

  it("stays a record that can be read where the clock before it was at the end of time", async () => {
    const { client, backing } = await backedUp();
    rename(backing, "00000000000000000000000000", "9999-12-31T23:59:59.999Z");
    await loadPeople(client, "people", "Cy");
    const second = await backUp(backing);

    expect((await idsIn(backing))[0]).toBe(second.backup_id);
  });
});

describe("a record under another name", () => {
  it("is never taken for a backup, and the others can be used", async () => {
    const { client, backing } = await backedUp();
    const [firstKey = ""] = keysBelow(backing.place, "backups/");
    await apply(client, CHANGED);
    const second = await backUp(backing);
    putText(backing.place, LAST_KEY, textOf(backing.place, firstKey));
    const restored = await restoreInto(newWorld(), backing.place);
    const named = await restoreInto(newWorld(), backing.place, { backup_id: LAST_ID });
    const third = await backUp(backing);

    expect(restored).toMatchObject({ ok: true, revision: second.revision, backup_id: second.backup_id });
    expect(restored.diagnostics).toMatchObject([{ code: "backup_record_refused", path: LAST_KEY }]);
    expect(codesOf(named)).toEqual(["backup_unusable"]);
    expect(named.diagnostics[0]?.message).toContain(firstKey.slice("backups/".length, -".json".length));
    expect(third).toMatchObject({ ok: true, written: false, backup_id: second.backup_id });
    expect(codesOf(third)).toEqual(["backup_record_refused"]);
  });
});

describe("a record that cannot be read", () => {
  it("leaves the others usable by their names, and a new backup can be made", async () => {
    const { client, backing } = await backedUp();
    const [firstKey = ""] = keysBelow(backing.place, "backups/");
    const backup_id = firstKey.slice("backups/".length, -".json".length);
    putText(backing.place, LAST_KEY, "damaged");
    const unnamed = await restoreInto(newWorld(), backing.place);
    await loadPeople(client, "people", "Cy");

    expect(codesOf(unnamed)).toEqual(["backup_unusable"]);
    expect(unnamed.diagnostics[0]?.message).toContain(LAST_KEY);
    expect(await restoreInto(newWorld(), backing.place, { backup_id })).toMatchObject({ ok: true });
    expect(await backUp(backing)).toMatchObject({ ok: true, written: true });
  });
});

describe("the digest of a record", () => {
  it("is told, and pins which backup is restored", async () => {
    const { client, backing } = await backedUp();
    const [firstKey = ""] = keysBelow(backing.place, "backups/");
    const backup_id = firstKey.slice("backups/".length, -".json".length);
    const digest = sha256(textOf(backing.place, firstKey));
    await apply(client, CHANGED);
    const second = await backUp(backing);
    expect(second.digest).toBe(sha256(textOf(backing.place, `backups/${second.backup_id}.json`)));

    expect(await restoreInto(newWorld(), backing.place, { digest })).toMatchObject({ backup_id, digest });
    expect(await restoreInto(newWorld(), backing.place, { digest, backup_id })).toMatchObject({ ok: true });
    const other = { digest: second.digest, backup_id };
    expect(codesOf(await restoreInto(newWorld(), backing.place, other))).toEqual(["backup_unusable"]);
    const unknown = { digest: sha256("x") };
    expect(codesOf(await restoreInto(newWorld(), backing.place, unknown))).toEqual(["backup_not_found"]);
  });
});
