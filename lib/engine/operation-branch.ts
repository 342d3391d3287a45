/**
 * The branch on which one operation writes the rows of one type (design 6): named `<P>-<operation id>`, made from what
 * the head pins, or from nothing.
 *
 * A dataset's main line is never written: its first version holds the system columns and no row, so that two
 * operations that both bring the first rows of a type make the same dataset and still never meet. What an operation
 * writes is on its own branch; overwriting a type is a branch from the empty first version.
 *
 * A branch that is already there belongs to an earlier attempt with the same operation id, which may still be
 * running; it is never shared, because two writers on one branch would mix their rows (engine facts). The answer is
 * then `exists`, and the caller takes a new operation id.
 */
import type { OperationId } from "../digest/ids.ts";
import { systemColumns, type TableKind } from "./column.ts";
import type { Manifest } from "./manifest.ts";
import { branchName, datasetName, datasetPath } from "./paths.ts";
import type { Column, TableOutcome, TablePosition, Tables, TableWriter } from "./tables.ts";

/** The version that a new dataset has before anything is written to it (tables.ts, `create`). */
export const EMPTY_LANCE_VERSION = 1;

export interface BranchRequest {
  /** The head that the operation was decided on; its state is live. */
  readonly head: Manifest;
  readonly operation_id: OperationId;
  readonly kind: TableKind;
  readonly type_id: number;
  /** Property columns that the branch must have; missing ones are added, others stay. */
  readonly columns: readonly Column[];
  /**
   * `pinned`: the rows that the head pins, none if it pins no dataset for the type. `empty`: no row.
   * `rewritten`: no row and no column but the named ones, in a new dataset (a hard drop).
   */
  readonly from: "pinned" | "empty" | "rewritten";
}

export interface OperationBranch {
  readonly writer: TableWriter;
  /** The pin's path: below the graph root. */
  readonly path: string;
  /** Where the branch starts; a reader of it sees the rows before this operation. */
  readonly base: TablePosition;
}

/** Opens the operation's own branch for a type. */
export async function openOperationBranch(
  tables: Tables,
  request: BranchRequest,
): Promise<TableOutcome<OperationBranch>> {
  const base = await basePosition(tables, request);
  if (base.tag !== "ok") return base;
  const { path, position } = base.value;
  const present = await presentColumns(tables, position);
  if (present.tag !== "ok") return present;
  const branch = branchName(request.head.version, request.operation_id);
  const opened = await tables.branch(position, branch);
  if (opened.tag !== "ok") return opened;
  const missing = request.columns.filter((column) => !present.value.has(column.name));
  if (missing.length > 0) {
    const added = await opened.value.addColumns(missing);
    if (added.tag !== "ok") {
      opened.value.abandon();
      return added;
    }
  }
  return { tag: "ok", value: { writer: opened.value, path, base: position } };
}

interface Base {
  readonly path: string;
  readonly position: TablePosition;
}

async function basePosition(tables: Tables, request: BranchRequest): Promise<TableOutcome<Base>> {
  const { head } = request;
  const pin = head.tables.find((each) => each.type_id === request.type_id);
  if (pin && request.from !== "rewritten") {
    const path = datasetPath(head.graph, pin.path);
    const position =
      request.from === "pinned"
        ? { path, branch: pin.branch, lance_version: pin.lance_version }
        : { path, branch: null, lance_version: EMPTY_LANCE_VERSION };
    return { tag: "ok", value: { path: pin.path, position } };
  }
  return emptyDataset(tables, request);
}

/** The new dataset of this head and type, made by this operation or by another one of the same head. */
async function emptyDataset(tables: Tables, request: BranchRequest): Promise<TableOutcome<Base>> {
  const { head } = request;
  if (head.incarnation === null) return { tag: "missing" };
  const name = datasetName(head.incarnation, request.type_id, head.version + 1);
  const path = datasetPath(head.graph, name);
  const created = await tables.create(path, systemColumns(request.kind));
  if (created.tag !== "ok" && created.tag !== "exists") return created;
  if (created.tag === "ok") created.value.abandon();
  const position = { path, branch: null, lance_version: EMPTY_LANCE_VERSION };
  return { tag: "ok", value: { path: name, position } };
}

async function presentColumns(
  tables: Tables,
  position: TablePosition,
): Promise<TableOutcome<ReadonlySet<string>>> {
  const reader = await tables.read(position);
  if (reader.tag !== "ok") return reader;
  const names = new Set(reader.value.columns.map((column) => column.name));
  reader.value.close();
  return { tag: "ok", value: names };
}
