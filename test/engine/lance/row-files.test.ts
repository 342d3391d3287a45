/** The files of Lance datasets for whoever copies them: what is moved, what a pin needs, and what is refused. */
import { cpSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLanceTables } from "../../../lib/engine/lance/lance-tables.ts";
import { delimited, fieldsOf } from "../../../lib/engine/lance/protobuf.ts";
import { LANCE_ROW_FILES } from "../../../lib/engine/lance/row-files.ts";
import { encodeVersionFile, moveVersion, parseVersionFile } from "../../../lib/engine/lance/version-file.ts";
import type { TableOutcome, TablePosition, Tables, TableWriter } from "../../../lib/engine/tables.ts";
import { createGraphFolder } from "../../../lib/file/graph-folder.ts";
import { storeKey } from "../../../lib/ports/object-store.ts";
import { forgetFolders, newFolder } from "../../cli/command.ts";

const DATASET = "graphs/people.omni/01ARZ3NDEKTSV4RRFFQ69G5FAV/1-1.lance";
const COLUMNS = [{ name: "id", type: { kind: "utf8" } }] as const;

let root: string;
let newest: TablePosition;

function tablesAt(folder: string): Tables {
  return createLanceTables({ root: folder, storage: createGraphFolder(folder) });
}

async function written(made: TableOutcome<TableWriter>, ...ids: readonly string[]): Promise<TablePosition> {
  if (made.tag !== "ok") throw new Error(JSON.stringify(made));
  await made.value.upsert({ length: ids.length, columns: new Map([["id", ids]]) });
  const finished = await made.value.finish();
  if (finished.tag !== "ok") throw new Error(JSON.stringify(finished));
  return finished.value.position;
}

beforeAll(async () => {
  root = newFolder();
  const tables = tablesAt(root);
  const first = await written(await tables.create(DATASET, COLUMNS), "a", "b");
  const second = await written(await tables.branch(first, "1-01ARZ3NDEKTSV4RRFFQ69G5FAV"), "b", "c");
  newest = await written(await tables.branch(second, "2-01ARZ3NDEKTSV4RRFFQ69G5FAV"), "c", "d");
}, 60_000);
afterAll(forgetFolders);

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((each) =>
    each.isFile() ? [join(each.parentPath, each.name).slice(folder.length + 1)] : [],
  );
}

async function read(key: string) {
  try {
    return { tag: "found", bytes: readFileSync(join(root, key)) } as const;
  } catch {
    return { tag: "absent" } as const;
  }
}

async function rowsAt(folder: string): Promise<number> {
  const opened = await tablesAt(folder).read(newest);
  if (opened.tag !== "ok") throw new Error(JSON.stringify(opened));
  let rows = 0;
  for await (const batch of opened.value.scan({ columns: ["id"], batch_rows: 10 })) {
    if (batch.tag !== "ok") throw new Error(JSON.stringify(batch));
    rows += batch.value.length;
  }
  opened.value.close();
  return rows;
}

describe("a dataset with branches on branches", () => {
  it("is read at another root without the first one, and can be written there, once its files were moved", async () => {
    const copy = join(newFolder(), "a", "much", "longer", "way", "than", "before");
    cpSync(root, copy, { recursive: true });
    for (const key of filesOf(copy)) {
      const moved = LANCE_ROW_FILES.relocate(storeKey(key), readFileSync(join(copy, key)), copy);
      if (moved.tag === "unknown") throw new Error(moved.detail);
      writeFileSync(join(copy, key), moved.bytes);
    }
    renameSync(root, `${root}-gone`);
    try {
      expect(await rowsAt(copy)).toBe(4);
      const tables = tablesAt(copy);
      const next = await written(await tables.branch(newest, "3-01ARZ3NDEKTSV4RRFFQ69G5FAV"), "e");
      expect(await tables.dropBranch(DATASET, next.branch ?? "")).toMatchObject({ tag: "ok" });
    } finally {
      renameSync(`${root}-gone`, root);
    }
  }, 60_000);

  it("names every file that a pin needs: without any of them it is not whole", async () => {
    const pinned = await LANCE_ROW_FILES.pinned(newest, read);
    if (pinned.tag !== "files") throw new Error(JSON.stringify(pinned));
    const there = filesOf(root);
    const data = there.filter((key) => /\.(lance|arrow|bin)$/.test(key));

    expect(pinned.keys.filter((key) => !there.includes(key))).toEqual([]);
    expect(data.filter((key) => !pinned.keys.includes(storeKey(key)))).toEqual([]);
    expect(data.some((key) => key.includes("/_deletions/"))).toBe(true);
  });

  it("is broken where the version that is pinned is not there or damaged", async () => {
    const absent = await LANCE_ROW_FILES.pinned({ ...newest, lance_version: 99 }, read);
    const damaged = await LANCE_ROW_FILES.pinned(newest, async () => ({
      tag: "found",
      bytes: Buffer.from("x"),
    }));
    const silent = await LANCE_ROW_FILES.pinned(newest, async () => ({ tag: "unavailable", reason: "down" }));

    expect([absent.tag, damaged.tag, silent.tag]).toEqual(["broken", "broken", "unavailable"]);
  });
});

describe("a version of a dataset", () => {
  const versions = () => filesOf(root).filter((key) => key.endsWith(".manifest"));

  it("comes back from its parts byte for byte, and moves back to where it was", () => {
    expect(versions().length).toBeGreaterThan(3);
    for (const key of versions()) {
      const bytes = readFileSync(join(root, key));
      const parsed = parseVersionFile(bytes);
      if (parsed.tag === "unknown") throw new Error(parsed.detail);
      expect(Buffer.compare(encodeVersionFile(parsed.value), bytes)).toBe(0);
      const there = moveVersion(bytes, DATASET, "s3://bucket/clusters/x");
      if (there.tag === "unknown") throw new Error(there.detail);
      const back = moveVersion(there.value, DATASET, root);
      expect(back.tag === "parsed" && Buffer.compare(back.value, bytes)).toBe(0);
    }
  });

  it("is not moved if it reads from outside its dataset", () => {
    const [key = ""] = versions().filter((each) => each.includes("/tree/"));
    const bytes = readFileSync(join(root, key));

    expect(moveVersion(bytes, `${DATASET.slice(0, -"1-1.lance".length)}1-2.lance`, "/x")).toMatchObject({
      tag: "unknown",
      detail: expect.stringContaining("outside its dataset"),
    });
  });

  it("is refused, and nothing thrown, whatever becomes of its bytes (I1)", () => {
    const bytes = readFileSync(join(root, versions()[0] ?? ""));
    fc.assert(
      fc.property(fc.nat(bytes.length), fc.uint8Array({ maxLength: 40 }), (at, damage) => {
        const damaged = Buffer.concat([bytes.subarray(0, at), damage, bytes.subarray(at)]);
        const parsed = parseVersionFile(damaged);
        if (parsed.tag === "parsed") expect(Buffer.compare(encodeVersionFile(parsed.value), damaged)).toBe(0);
        expect(["parsed", "unknown"]).toContain(moveVersion(damaged, DATASET, "/x").tag);
        expect(["parsed", "unknown"]).toContain(moveVersion(damage, DATASET, "/x").tag);
      }),
    );
  });
});

it("the fields of a message are the message, and long ones have their length (I1)", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.integer({ min: 1, max: 5000 }), (bytes, number) => {
      const fields = fieldsOf(bytes);
      if (fields !== null) expect(Buffer.compare(Buffer.concat(fields.map(({ raw }) => raw)), bytes)).toBe(0);
      const [field] = fieldsOf(delimited(number, bytes)) ?? [];
      expect(field).toMatchObject({ number, integer: null });
      expect(Buffer.compare(field?.content ?? Buffer.from("none"), bytes)).toBe(0);
    }),
  );
});
