/**
 * Reads the whole source once and surveys it: every line is validated by itself, ids and tuples are compared within
 * the file.
 *
 * Where a merge has two lines for one edge id, the earlier one must not count at all; the file is then surveyed once
 * more with those lines left out.
 */
import type { LoadMode } from "../engine.ts";
import { columnOf } from "../rows/read-row.ts";
import type { GraphShape } from "../rows/row-shape.ts";
import { createFaultLog, type FaultLog } from "./fault-log.ts";
import { type PassEnd, type PassRequest, readPass, type VisitedLine } from "./read-pass.ts";
import { emptySurvey, type Survey } from "./survey.ts";
import { surveyRow } from "./survey-row.ts";

export type SurveyedSource =
  | {
      readonly tag: "surveyed";
      readonly survey: Survey;
      readonly faults: FaultLog;
      readonly end: Extract<PassEnd, { tag: "read" }>;
    }
  | { readonly tag: "unreadable"; readonly reason: string };

export async function surveySource(graph: GraphShape, request: PassRequest): Promise<SurveyedSource> {
  const first = await surveyOnce(request, emptySurvey(graph));
  if (first.tag === "unreadable" || first.survey.superseded.size() === 0) return first;
  return surveyOnce(request, emptySurvey(graph, first.survey.superseded));
}

async function surveyOnce(request: PassRequest, survey: Survey): Promise<SurveyedSource> {
  const faults = createFaultLog();
  const end = await readPass(request, (visited) => {
    surveyLine(survey, faults, visited, request.mode);
    return true;
  });
  if (end.tag === "read") return { tag: "surveyed", survey, faults, end };
  return { tag: "unreadable", reason: end.tag === "unreadable" ? end.reason : "The source ended early." };
}

function surveyLine(survey: Survey, faults: FaultLog, visited: VisitedLine, mode: LoadMode): void {
  const { line, row } = visited;
  for (const { code, message, column } of visited.faults) {
    faults.add({ code, message, at: { line: line.number, column } });
  }
  if (row === null) survey.unidentified++;
  if (row === null || survey.superseded.has(line.number)) return;
  for (const fault of surveyRow(survey, row, line.number, mode)) {
    const column = columnOf(line.text, fault.place);
    faults.add({ code: fault.code, message: fault.message, at: { line: line.number, column } });
  }
}
