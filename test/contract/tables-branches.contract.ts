/** The part of the tables contract about branches: what keeps writers apart and pinned positions unchanged. */
import { expect, it } from "vitest";
import type { Column, TablePosition, Tables } from "../../lib/engine/tables.ts";
import { batch, failed, filled, idsAt, PATH, rowsOf, value } from "./table-rows.ts";

export interface TwoClients {
  readonly first: Tables;
  readonly second: Tables;
}

const P1: Column = { name: "p1", type: { kind: "utf8" } };
const P2: Column = { name: "p2", type: { kind: "i64" } };

export function describeBranches(subject: () => TwoClients): void {
  it("keeps two branches of one position, and the position itself, apart", async () => {
    const { first, second } = subject();
    const base = await filled(first, PATH, ["a"]);
    const left = value(await first.branch(base, "3-left"));
    const right = value(await second.branch(base, "3-right"));
    value(await left.addColumns([P1]));
    value(await right.addColumns([P2]));
    value(await left.append(batch({ id: ["b"], p1: ["left"] })));
    value(await right.append(batch({ id: ["c"], p2: [7n] })));
    const ends = [value(await left.finish()).position, value(await right.finish()).position];
    expect(await idsAt(second, ends[0])).toEqual(["a", "b"]);
    expect(await idsAt(first, ends[1])).toEqual(["a", "c"]);
    expect(await idsAt(second, base)).toEqual(["a"]);
    const reader = value(await first.read(ends[1] ?? base));
    expect(await rowsOf(reader, ["p1"])).toEqual([{ p1: null }, { p1: null }]);
    expect([...value(await first.branches(PATH))].sort()).toEqual(["0-fill", "3-left", "3-right"]);
  });

  it("shows nothing of a writer's unfinished or abandoned work at any pinned position", async () => {
    const { first, second } = subject();
    const base = await filled(first, PATH, ["a"]);
    const writer = value(await first.branch(base, "3-dead"));
    value(await writer.append(batch({ id: ["ghost"] })));
    expect(await idsAt(second, base)).toEqual(["a"]);
    writer.abandon();
    expect(await idsAt(second, base)).toEqual(["a"]);
  });

  it("keeps a position readable and unchanged while its own branch and others move on", async () => {
    const { first, second } = subject();
    const base = await filled(first, PATH, ["a", "b"]);
    const reader = value(await second.read(base));
    const writer = value(await first.branch(base, "3-op"));
    value(await writer.upsert(batch({ id: ["a"] })));
    value(await writer.append(batch({ id: ["z"] })));
    value(await writer.compact());
    await writer.finish();
    expect((await rowsOf(reader, ["id"])).length).toBe(2);
    expect(await idsAt(second, base)).toEqual(["a", "b"]);
    reader.close();
  });

  it("chains branches from branches, and every link stays readable", async () => {
    const { first, second } = subject();
    const positions: TablePosition[] = [await filled(first, PATH, ["a"])];
    for (const [index, id] of ["b", "c", "d"].entries()) {
      const writer = value(await first.branch(positions[index] ?? failed("no base"), `${index}-op`));
      value(await writer.append(batch({ id: [id] })));
      positions.push(value(await writer.finish()).position);
    }
    const seen = await Promise.all(positions.map((position) => idsAt(second, position)));
    expect(seen).toEqual([["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d"]]);
  });

  it("starts a branch from the empty first version of a dataset that has rows elsewhere", async () => {
    const { first, second } = subject();
    await filled(first, PATH, ["a"], "0-op");
    const writer = value(await second.branch({ path: PATH, branch: null, lance_version: 1 }, "1-op"));
    value(await writer.append(batch({ id: ["b"] })));
    const { position, rows } = value(await writer.finish());
    expect(rows).toBe(1);
    expect(await idsAt(first, position)).toEqual(["b"]);
  });

  it("finishes a branch on which nothing was written at a position that reads like its base", async () => {
    const { first } = subject();
    const base = await filled(first, PATH, ["a"]);
    const { position, rows } = value(await value(await first.branch(base, "3-op")).finish());
    expect({ rows, branch: position.branch, ids: await idsAt(first, position) }).toEqual({
      rows: 1,
      branch: "3-op",
      ids: ["a"],
    });
  });

  it("never hands out a branch that is already there, to whichever client asks", async () => {
    const { first, second } = subject();
    const base = await filled(first, PATH, ["a"]);
    value(await first.branch(base, "3-op")).abandon();
    expect((await first.branch(base, "3-op")).tag).toBe("exists");
    expect((await second.branch(base, "3-op")).tag).toBe("exists");
  });

  it("refuses to drop a branch that another is based on, and drops it when that one is gone", async () => {
    const { first, second } = subject();
    const base = await filled(first, PATH, ["a"]);
    const parent = value(await first.branch(base, "3-parent"));
    value(await parent.append(batch({ id: ["b"] })));
    const parentEnd = value(await parent.finish()).position;
    const child = value(await first.branch(parentEnd, "4-child"));
    const childEnd = value(await child.finish()).position;
    expect((await second.dropBranch(PATH, "3-parent")).tag).toBe("exists");
    expect(await idsAt(second, childEnd)).toEqual(["a", "b"]);
    expect((await second.dropBranch(PATH, "4-child")).tag).toBe("ok");
    expect((await second.dropBranch(PATH, "3-parent")).tag).toBe("ok");
    expect((await second.read(childEnd)).tag).toBe("missing");
    expect(await idsAt(second, base)).toEqual(["a"]);
    expect((await second.dropBranch(PATH, "3-parent")).tag).toBe("missing");
  });

  it("keeps a sibling readable when an unpinned branch is dropped", async () => {
    const { first, second } = subject();
    const base = await filled(first, PATH, ["a"]);
    const kept = value(await first.branch(base, "3-kept"));
    value(await kept.append(batch({ id: ["b"] })));
    const end = value(await kept.finish()).position;
    const garbage = value(await second.branch(base, "3-garbage"));
    value(await garbage.append(batch({ id: ["c"] })));
    garbage.abandon();
    expect((await second.dropBranch(PATH, "3-garbage")).tag).toBe("ok");
    expect(await idsAt(first, end)).toEqual(["a", "b"]);
  });
}
