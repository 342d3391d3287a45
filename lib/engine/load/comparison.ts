/** Comparison: a surveyed file beside the graph as it is stored at the head that the load was decided on. */
import type { LoadMode } from "../engine.ts";
import type { FaultLog } from "./fault-log.ts";
import type { StoredGraph } from "./stored-rows.ts";
import { DEFINED, type EdgeSurvey, type NodeSurvey, type Survey } from "./survey.ts";

export interface Comparison {
  readonly stored: StoredGraph;
  readonly survey: Survey;
  readonly mode: LoadMode;
  /** Faults of no single line. */
  readonly faults: FaultLog;
}

/** True if every row of the type is replaced by those of the file. */
export function isOverwritten(mode: LoadMode, type: NodeSurvey | EdgeSurvey): boolean {
  return mode === "overwrite" && type.rows > 0;
}

/** A stored row that this load replaces frees its tuple. */
export function isReplaced(mode: LoadMode, type: NodeSurvey | EdgeSurvey, id: string): boolean {
  if (mode !== "merge") return false;
  const entry = type.ids.find(id);
  return entry !== -1 && type.ids.has(entry, DEFINED);
}
