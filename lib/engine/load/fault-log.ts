/**
 * FaultLog: what is wrong with a load, the first ERRORS_LISTED_MAX of it in full, the rest as a number.
 *
 * Guarantees: diagnostics come in the order of the file; errors without a line come last but one, the count at the end.
 */
import { type Diagnostic, type DiagnosticCode, diagnostic } from "../../diagnostic/diagnostic.ts";
import { ERRORS_LISTED_MAX } from "./limits.ts";

export interface LoadFault {
  readonly code: DiagnosticCode;
  readonly message: string;
  /** Null for what is wrong with the graph that the load would leave, not with one line. */
  readonly at: { readonly line: number; readonly column: number } | null;
}

export interface FaultLog {
  add(fault: LoadFault): void;
  count(): number;
  listed(): readonly LoadFault[];
}

export function createFaultLog(): FaultLog {
  const listed: LoadFault[] = [];
  let count = 0;
  return {
    add(fault) {
      count++;
      if (listed.length < ERRORS_LISTED_MAX) listed.push(fault);
    },
    count: () => count,
    listed: () => listed,
  };
}

export interface FaultSource {
  /** Address of the graph: `graph.people`. */
  readonly path: string;
  readonly file: string;
}

/** The diagnostics of several logs over one file. */
export function loadDiagnostics(logs: readonly FaultLog[], source: FaultSource): readonly Diagnostic[] {
  const all = logs.flatMap((log) => log.listed()).sort(byPlace);
  const listed = all.slice(0, ERRORS_LISTED_MAX);
  const more = logs.reduce((sum, log) => sum + log.count(), 0) - listed.length;
  const diagnostics = listed.map((fault) => loadDiagnostic(fault, source));
  if (more === 0) return diagnostics;
  const message = `There are ${more} more errors in ${source.file}.`;
  return [...diagnostics, diagnostic("load_more_errors", { path: source.path, message })];
}

function loadDiagnostic(fault: LoadFault, source: FaultSource): Diagnostic {
  const { code, message, at } = fault;
  if (at === null) return diagnostic(code, { path: source.path, message });
  return diagnostic(code, { path: source.path, message, source: { file: source.file, ...at } });
}

function byPlace(a: LoadFault, b: LoadFault): number {
  if (a.at === null || b.at === null) return (a.at === null ? 1 : 0) - (b.at === null ? 1 : 0);
  return a.at.line - b.at.line || a.at.column - b.at.column;
}
