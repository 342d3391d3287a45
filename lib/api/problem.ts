/**
 * Problem: what the API answers when it does not do what was asked (RFC 9457), with the diagnostics inside. Field
 * order is the JSON order. `code` is that of the first error; `type` names it as a URN. Pure.
 */
import { CATALOGUE } from "../diagnostic/catalogue.ts";
import { type Diagnostic, type DiagnosticCode, diagnostic } from "../diagnostic/diagnostic.ts";
import { assert } from "../digest/assert.ts";

export const PROBLEM_CONTENT_TYPE = "application/problem+json";

export type ProblemStatus = 400 | 401 | 403 | 404 | 409 | 413 | 415 | 422 | 429 | 500 | 503;

export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: ProblemStatus;
  readonly detail: string;
  readonly code: DiagnosticCode;
  readonly diagnostics: readonly Diagnostic[];
  readonly request_id: string;
}

/** Why a request came to nothing: a status and at least one diagnostic. */
export interface Refusal {
  readonly status: ProblemStatus;
  readonly diagnostics: readonly Diagnostic[];
  /** Seconds after which the same request may have a better answer. */
  readonly retry_after_seconds?: number;
}

export function refusal(status: ProblemStatus, code: DiagnosticCode, path: string, message: string): Refusal {
  return { status, diagnostics: [diagnostic(code, { path, message })] };
}

export function problemDocument({ status, diagnostics }: Refusal, request_id: string): ProblemDocument {
  const first = diagnostics.find((each) => each.severity === "error") ?? diagnostics[0];
  assert(first !== undefined, "a refusal says why");
  return {
    type: `urn:graphform:problem:${first.code}`,
    title: CATALOGUE[first.code].summary,
    status,
    detail: first.message,
    code: first.code,
    diagnostics,
    request_id,
  };
}

/** The answer that tells of it. */
export function problemResponse(refused: Refusal, request_id: string): Response {
  const { status, retry_after_seconds } = refused;
  const headers = new Headers({ "content-type": PROBLEM_CONTENT_TYPE });
  if (status === 401) headers.set("www-authenticate", "Bearer");
  const wait = retry_after_seconds ?? (status === 503 || status === 429 ? 1 : null);
  if (wait !== null) headers.set("retry-after", String(wait));
  return new Response(`${JSON.stringify(problemDocument(refused, request_id))}\n`, { status, headers });
}
