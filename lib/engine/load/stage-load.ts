/**
 * Stages a load: the whole file or nothing, in bounded memory (design 6, spec/schema 9).
 *
 * 1. Survey: read the file once; validate every line by itself; remember who is in it.
 * 2. Compare: visit the stored rows that could clash, and mark what does.
 * 3. Explain: only if something clashes, read the file again and name the lines.
 * 4. Write: only if nothing is wrong, read the file again and write its rows to branches of this operation.
 *
 * Guarantees: what was surveyed is what is written: each reading yields the same bytes, or the load is refused. Memory
 * is bounded by limits.ts and by some 50 bytes for each row that others can refer to; no row is kept. Nothing is
 * published; on every outcome but `staged` the branches are abandoned. Progress counts lines and bytes of the survey
 * and then rows written; a file that needs a second survey is counted from its beginning again.
 */

import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import { assertNever } from "../../digest/assert.ts";
import type { AcceptedSchema, LoadRequest } from "../engine.ts";
import type { Manifest } from "../manifest.ts";
import { columnOf } from "../rows/read-row.ts";
import { type GraphShape, graphShape } from "../rows/row-shape.ts";
import { compareStored } from "./compare-stored.ts";
import { explainRow, needsExplanation } from "./explain.ts";
import { createFaultLog, type FaultLog, type LoadFault, loadDiagnostics } from "./fault-log.ts";
import { type PassEnd, type PassRequest, readPass } from "./read-pass.ts";
import type { LoadContext, StagedLoad, StageLoad } from "./staged-load.ts";
import { type SurveyedSource, surveySource } from "./survey-source.ts";
import { createRowWriter, outcomeReason, type RowWriter } from "./write-rows.ts";

interface Staging {
  readonly context: LoadContext;
  readonly request: LoadRequest;
  readonly head: Manifest;
  readonly graph: GraphShape;
}

type Surveyed = Extract<SurveyedSource, { tag: "surveyed" }>;

export const stageLoad: StageLoad = async (
  context: LoadContext,
  request: LoadRequest,
  head: Manifest,
  schema: AcceptedSchema,
): Promise<StagedLoad> => {
  const staging: Staging = { context, request, head, graph: graphShape(schema.ir) };
  const surveyed = await surveySource(staging.graph, surveyPass(staging));
  if (surveyed.tag === "unreadable") return unreadable(staging, surveyed.reason);
  const graphFaults = createFaultLog();
  const compared = await compareStored({
    stored: { tables: context.tables, head },
    survey: surveyed.survey,
    mode: request.mode,
    faults: graphFaults,
  });
  if (compared.tag !== "ok") {
    return { tag: "unavailable", reason: `could not read stored rows: ${outcomeReason(compared)}` };
  }
  if (needsExplanation(surveyed.survey, request.mode)) return explain(staging, surveyed, graphFaults);
  const logs = [surveyed.faults, graphFaults];
  if (logs.some((log) => log.count() > 0)) return invalid(staging, logs);
  return write(staging, surveyed);
};

function surveyPass(staging: Staging): PassRequest {
  const { open, mode, progress } = staging.request;
  return {
    graph: staging.graph,
    open,
    mode,
    progress: (at) => progress?.({ lines_read: at.lines_read, bytes_read: at.bytes_read, rows_accepted: 0 }),
  };
}

function invalid(staging: Staging, logs: readonly FaultLog[]): StagedLoad {
  const diagnostics: readonly Diagnostic[] = loadDiagnostics(logs, {
    path: `graph.${staging.request.graph}`,
    file: staging.request.source_name,
  });
  return { tag: "invalid", diagnostics };
}

function unreadable(staging: Staging, reason: string): StagedLoad {
  return { tag: "unavailable", reason: `could not read ${staging.request.source_name}: ${reason}` };
}

function changed(staging: Staging): StagedLoad {
  const log = createFaultLog();
  const message = `${staging.request.source_name} is not what it was when it was checked.`;
  log.add({ code: "load_source_changed", message, at: null });
  return invalid(staging, [log]);
}

/** Null if the reading saw what the survey saw. */
function readDifferently(staging: Staging, surveyed: Surveyed, end: PassEnd): StagedLoad | null {
  switch (end.tag) {
    case "unreadable":
      return unreadable(staging, end.reason);
    case "stopped":
      return changed(staging);
    case "read":
      return end.digest === surveyed.end.digest ? null : changed(staging);
    default:
      return assertNever(end);
  }
}

async function explain(staging: Staging, surveyed: Surveyed, graphFaults: FaultLog): Promise<StagedLoad> {
  const faults = createFaultLog();
  const quietly: PassRequest = { ...surveyPass(staging), progress: () => undefined };
  const end = await readPass(quietly, ({ line, row }) => {
    if (row === null || surveyed.survey.superseded.has(line.number)) return true;
    for (const { code, message, place } of explainRow(
      surveyed.survey,
      row,
      line.number,
      staging.request.mode,
    )) {
      const fault: LoadFault = {
        code,
        message,
        at: { line: line.number, column: columnOf(line.text, place) },
      };
      faults.add(fault);
    }
    return true;
  });
  return readDifferently(staging, surveyed, end) ?? invalid(staging, [surveyed.faults, graphFaults, faults]);
}

async function write(staging: Staging, surveyed: Surveyed): Promise<StagedLoad> {
  const { context, request, head } = staging;
  const { survey } = surveyed;
  const writer = createRowWriter({ context, request, head, survey });
  let failure: StagedLoad | null = null;
  const keepFailure = (problem: StagedLoad | null): boolean => {
    failure = problem;
    return problem === null;
  };
  const end = await readPass(writePass(staging, surveyed, writer), ({ line, row, faults }) => {
    if (survey.superseded.has(line.number)) return true;
    // A fault here means that the file is another one now; the digest would tell as well, but later.
    if (row === null || faults.length > 0) return false;
    const added = writer.add(row, line.text.length);
    return added === null ? true : added.then(keepFailure);
  });
  const problem = failure ?? readDifferently(staging, surveyed, end);
  if (problem !== null) return abandoned(writer, problem);
  const finished = await writer.finish();
  if (finished.tag === "unavailable") return abandoned(writer, finished);
  return { tag: "staged", ...finished.written };
}

function abandoned(writer: RowWriter, problem: StagedLoad): StagedLoad {
  writer.abandon();
  return problem;
}

/** Lines and bytes stay at their totals while rows are written: the file has been read once already. */
function writePass(staging: Staging, surveyed: Surveyed, writer: RowWriter): PassRequest {
  const { lines_read, bytes_read } = surveyed.end;
  const progress = (): void =>
    staging.request.progress?.({ lines_read, bytes_read, rows_accepted: writer.rowsAdded() });
  return { ...surveyPass(staging), progress };
}
