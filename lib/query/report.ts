/**
 * Report: the findings about one query while it is checked.
 *
 * Guarantees: findings keep the order in which the checks of spec/query 5.1 run. Errors that the reference knows come
 * before those that only we raise, so that the first error is the one that the reference would report.
 */
import { type Diagnostic, type DiagnosticCode, diagnostic } from "../diagnostic/diagnostic.ts";
import type { QueryAst } from "./ast.ts";
import { positionAt } from "./line-starts.ts";

export class Report {
  private readonly query: QueryAst;
  private readonly file: string;
  private readonly known: Diagnostic[] = [];
  private readonly own: Diagnostic[] = [];
  readonly warnings: Diagnostic[] = [];

  constructor(query: QueryAst, file: string) {
    this.query = query;
    this.file = file;
  }

  /** An error that the reference's checker raises too. */
  error(code: DiagnosticCode, at: number, message: string): void {
    this.known.push(this.build(code, at, message));
  }

  /** An error that the reference lets through (spec/query 12). */
  refuse(code: DiagnosticCode, at: number, message: string): void {
    this.own.push(this.build(code, at, message));
  }

  /** Something that is worth knowing and stops nothing. */
  warn(code: DiagnosticCode, at: number, message: string): void {
    this.warnings.push(this.build(code, at, message));
  }

  get errors(): readonly Diagnostic[] {
    return [...this.known, ...this.own];
  }

  get failed(): boolean {
    return this.known.length > 0 || this.own.length > 0;
  }

  private build(code: DiagnosticCode, at: number, message: string): Diagnostic {
    const source = positionAt(this.query.lineStarts, at, this.file);
    return diagnostic(code, { path: `query.${this.query.name.text}`, message, source });
  }
}
