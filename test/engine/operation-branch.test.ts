/** The branch that an operation writes on (design 6). */
import { describe, expect, it } from "vitest";
import type { OperationId } from "../../lib/digest/ids.ts";
import type { Manifest } from "../../lib/engine/manifest.ts";
import { createMemoryTables, createMemoryTablesBackend } from "../../lib/engine/memory/memory-tables.ts";
import { type BranchRequest, openOperationBranch } from "../../lib/engine/operation-branch.ts";
import type { Column, Tables } from "../../lib/engine/tables.ts";
import { LIVE_MANIFEST } from "./manifests.ts";

const EMPTY_HEAD: Manifest = { ...LIVE_MANIFEST, tables: [] };
const AGE: Column = { name: "p6", type: { kind: "i32" } };
const NOTE: Column = { name: "p7", type: { kind: "utf8" } };

function request(change: Partial<BranchRequest> = {}): BranchRequest {
  return {
    head: EMPTY_HEAD,
    operation_id: "op-a" as OperationId,
    kind: "node",
    type_id: 5,
    columns: [AGE],
    from: "pinned",
    ...change,
  };
}

function tables(): Tables {
  return createMemoryTables(createMemoryTablesBackend());
}

describe("operation branch", () => {
  it("lets two operations bring the first rows of a type in one dataset without meeting", async () => {
    const store = tables();
    const paths: string[] = [];
    for (const operation of ["op-a", "op-b"]) {
      const opened = await openOperationBranch(store, request({ operation_id: operation as OperationId }));
      if (opened.tag !== "ok") throw new Error(opened.tag);
      const { writer, path } = opened.value;
      await writer.append({ length: 1, columns: new Map([["id", [operation]]]) });
      expect(await writer.finish()).toMatchObject({
        tag: "ok",
        value: { rows: 1, position: { branch: `7-${operation}` } },
      });
      paths.push(path);
    }
    expect(paths).toEqual([`${EMPTY_HEAD.incarnation}/5-8.lance`, `${EMPTY_HEAD.incarnation}/5-8.lance`]);
  });

  it("never shares the branch of an earlier attempt of the same operation", async () => {
    const store = tables();
    expect((await openOperationBranch(store, request())).tag).toBe("ok");
    expect((await openOperationBranch(store, request())).tag).toBe("exists");
  });

  it("adds only the columns that the pinned rows lack, and overwrites from no row", async () => {
    const store = tables();
    const first = await openOperationBranch(store, request());
    if (first.tag !== "ok") throw new Error(first.tag);
    await first.value.writer.append({
      length: 1,
      columns: new Map([
        ["id", ["a"]],
        ["p6", [1]],
      ]),
    });
    const finished = await first.value.writer.finish();
    if (finished.tag !== "ok") throw new Error(finished.tag);
    const { branch, lance_version } = finished.value.position;
    const pin = { type_id: 5, path: first.value.path, branch, lance_version, rows: 1 };
    const head = { ...EMPTY_HEAD, version: 8, tables: [pin] };
    for (const [from, rows] of [
      ["pinned", 1],
      ["empty", 0],
      ["rewritten", 0],
    ] as const) {
      const opened = await openOperationBranch(
        store,
        request({ head, operation_id: from as OperationId, columns: [AGE, NOTE], from }),
      );
      if (opened.tag !== "ok") throw new Error(opened.tag);
      expect(opened.value.path === pin.path).toBe(from !== "rewritten");
      expect(await opened.value.writer.finish()).toMatchObject({ tag: "ok", value: { rows } });
    }
  });

  it("answers missing when what the head pins is not there", async () => {
    const pin = {
      type_id: 5,
      path: `${EMPTY_HEAD.incarnation}/5-3.lance`,
      branch: null,
      lance_version: 4,
      rows: 1,
    };
    const outcome = await openOperationBranch(tables(), request({ head: { ...EMPTY_HEAD, tables: [pin] } }));
    expect(outcome.tag).toBe("missing");
  });
});
