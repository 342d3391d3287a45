/**
 * Writes the rows of a surveyed file to branches of this operation, one branch for each type (design 6).
 *
 * Guarantees: at most BATCH_ROWS_MAX rows of a type and BATCH_CHARACTERS_MAX of text wait at a time. Rows that the
 * graph has are replaced, others are appended, which costs no search. Nothing is visible to anybody; on any failure
 * every branch is abandoned.
 */
import { assertNever } from "../../digest/assert.ts";
import type { LoadCounts, LoadRequest } from "../engine.ts";
import type { Manifest, TablePin } from "../manifest.ts";
import { openOperationBranch } from "../operation-branch.ts";
import { type IdentifiedRow, type Row, rowBatch } from "../rows/row.ts";
import type { RowShape } from "../rows/row-shape.ts";
import type { TableOutcome, TableWriter } from "../tables.ts";
import { isOverwritten } from "./comparison.ts";
import { BATCH_CHARACTERS_MAX, BATCH_ROWS_MAX } from "./limits.ts";
import type { LoadContext } from "./staged-load.ts";
import { type EdgeSurvey, type NodeSurvey, STORED, type Survey, surveyOf } from "./survey.ts";

export interface WriteTarget {
  readonly context: LoadContext;
  readonly request: Pick<LoadRequest, "mode" | "operation_id">;
  readonly head: Manifest;
  readonly survey: Survey;
}

export interface Written {
  readonly pins: readonly TablePin[];
  readonly counts: readonly LoadCounts[];
  readonly rows_written: number;
}

/** Why writing cannot go on; nothing that was written will ever be pinned. */
export interface WriteFailure {
  readonly tag: "unavailable";
  readonly reason: string;
}

export interface RowWriter {
  /** Takes one row; a promise when rows had to be written first. Null: go on. */
  add(row: Row, characters: number): null | Promise<WriteFailure | null>;
  rowsAdded(): number;
  /** Writes what waits and closes the branches. */
  finish(): Promise<{ readonly tag: "written"; readonly written: Written } | WriteFailure>;
  abandon(): void;
}

interface TypeWriter {
  readonly survey: NodeSurvey | EdgeSurvey;
  readonly path: string;
  readonly writer: TableWriter;
  added: IdentifiedRow[];
  replaced: IdentifiedRow[];
  rows: number;
}

export function createRowWriter(target: WriteTarget): RowWriter {
  const types = new Map<RowShape, TypeWriter>();
  let waitingCharacters = 0;
  let rows = 0;
  const flushAll = async (): Promise<WriteFailure | null> => {
    waitingCharacters = 0;
    for (const type of types.values()) {
      const failure = await flush(type);
      if (failure) return failure;
    }
    return null;
  };
  const addSlowly = async (row: Row, characters: number): Promise<WriteFailure | null> => {
    const opened = types.get(row.shape) ?? (await openType(target, row.shape));
    if ("tag" in opened) return opened;
    types.set(row.shape, opened);
    enter(target, opened, row);
    rows++;
    waitingCharacters += characters;
    if (waitingCharacters >= BATCH_CHARACTERS_MAX) return flushAll();
    return isFull(opened) ? flush(opened) : null;
  };
  return {
    add(row, characters) {
      const type = types.get(row.shape);
      if (!type || waitingCharacters + characters >= BATCH_CHARACTERS_MAX || isFull(type, 1)) {
        return addSlowly(row, characters);
      }
      enter(target, type, row);
      rows++;
      waitingCharacters += characters;
      return null;
    },
    rowsAdded: () => rows,
    async finish() {
      const failure = await flushAll();
      return failure ?? finishTypes(target, [...types.values()], rows);
    },
    abandon() {
      for (const type of types.values()) type.writer.abandon();
    },
  };
}

function isFull(type: TypeWriter, more = 0): boolean {
  return type.added.length + type.replaced.length + more >= BATCH_ROWS_MAX;
}

async function openType(target: WriteTarget, shape: RowShape): Promise<TypeWriter | WriteFailure> {
  const { context, request, head } = target;
  const survey = surveyOf(target.survey, shape);
  const opened = await openOperationBranch(context.tables, {
    head,
    operation_id: request.operation_id,
    kind: shape.kind,
    type_id: shape.type_id,
    columns: shape.properties.map((property) => property.column),
    from: isOverwritten(request.mode, survey) ? "empty" : "pinned",
  });
  if (opened.tag !== "ok") return writeFailure(opened, `open a branch for ${shape.name}`);
  const { writer, path } = opened.value;
  return { survey, path, writer, added: [], replaced: [], rows: 0 };
}

function enter(target: WriteTarget, type: TypeWriter, row: Row): void {
  const { ids } = type.survey;
  const entry = row.id === null ? -1 : ids.find(row.id);
  const identified: IdentifiedRow = { ...row, id: row.id ?? target.context.ids.next() };
  const stored = entry !== -1 && ids.has(entry, STORED);
  (stored ? type.replaced : type.added).push(identified);
  type.rows++;
}

async function flush(type: TypeWriter): Promise<WriteFailure | null> {
  const { added, replaced } = type;
  type.added = [];
  type.replaced = [];
  const { name } = type.survey.shape;
  if (added.length > 0) {
    const appended = await type.writer.append(rowBatch(added));
    if (appended.tag !== "ok") return writeFailure(appended, `append rows of ${name}`);
  }
  if (replaced.length > 0) {
    const upserted = await type.writer.upsert(rowBatch(replaced));
    if (upserted.tag !== "ok") return writeFailure(upserted, `replace rows of ${name}`);
  }
  return null;
}

async function finishTypes(
  target: WriteTarget,
  types: readonly TypeWriter[],
  rows: number,
): Promise<{ readonly tag: "written"; readonly written: Written } | WriteFailure> {
  const pins: TablePin[] = [];
  let rows_written = rows;
  for (const type of types) {
    const { shape } = type.survey;
    const finished = await type.writer.finish();
    if (finished.tag !== "ok") return writeFailure(finished, `finish the rows of ${shape.name}`);
    const { position, rows: stored } = finished.value;
    const { branch, lance_version } = position;
    pins.push({ type_id: shape.type_id, path: type.path, branch, lance_version, rows: stored });
    if (isOverwritten(target.request.mode, type.survey))
      rows_written += pinnedRows(target.head, shape.type_id);
  }
  const counts = types.map(({ survey, rows: count }) => ({
    type_kind: survey.shape.kind,
    type_name: survey.shape.name,
    rows: count,
  }));
  return { tag: "written", written: { pins, counts, rows_written } };
}

/** Rows that an overwrite removes count as written (design 8). */
function pinnedRows(head: Manifest, typeId: number): number {
  return head.tables.find((pin) => pin.type_id === typeId)?.rows ?? 0;
}

function writeFailure(outcome: Exclude<TableOutcome<unknown>, { tag: "ok" }>, what: string): WriteFailure {
  return { tag: "unavailable", reason: `could not ${what}: ${outcomeReason(outcome)}` };
}

/** What an outcome of the tables port that is not `ok` says. */
export function outcomeReason(outcome: Exclude<TableOutcome<unknown>, { tag: "ok" }>): string {
  switch (outcome.tag) {
    case "unavailable":
      return outcome.reason;
    case "missing":
      return "the rows that the graph's head names are missing";
    case "exists":
      return "an earlier attempt with the same operation id has made it already";
    default:
      return assertNever(outcome);
  }
}
