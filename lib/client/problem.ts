/**
 * Problem details (RFC 9457) as diagnostics: what the server says is wrong, with why and what to do. Where it sends
 * diagnostics of its own those are shown as they are; else the status says what it means.
 */
import { z } from "zod";
import {
  type Diagnostic,
  type DiagnosticCode,
  type DiagnosticFacts,
  diagnostic,
} from "../diagnostic/diagnostic.ts";

const shown = z.looseObject({
  code: z.string(),
  severity: z.enum(["error", "warning"]),
  path: z.string(),
  message: z.string(),
  why: z.string(),
  fix: z.string(),
});

const shape = z.looseObject({
  title: z.string().optional(),
  detail: z.string().optional(),
  message: z.string().optional(),
  diagnostics: z.array(z.unknown()).optional(),
  request_id: z.string().optional(),
});

/** What a gateway in front of the API means by its own answers, which carry no diagnostics. */
const CODES: Readonly<Record<number, DiagnosticCode>> = {
  401: "api_unauthenticated",
  403: "api_denied",
  404: "api_not_found",
  413: "api_request_too_large",
  429: "api_unavailable",
  502: "api_unavailable",
  503: "api_unavailable",
  504: "api_unavailable",
};

/**
 * True if a refusal is of this API or of a gateway in front of it. What is neither says nothing about a cluster, so a 404
 * of it must not be read as "there is no such cluster". A proxy that has lost its server answers with a page of its own.
 */
export function isProblem(status: number, body: unknown): boolean {
  const parsed = shape.safeParse(body);
  const { title, detail, message, diagnostics } = parsed.success ? parsed.data : {};
  return status >= 500 || status === 429 || (title ?? detail ?? message ?? diagnostics) !== undefined;
}

/** `place`: what was asked, for people. At least one of the diagnostics is an error. */
export function problemDiagnostics(status: number, body: unknown, place: string): readonly Diagnostic[] {
  const parsed = shape.safeParse(body);
  const problem = parsed.success ? parsed.data : {};
  const sent = (problem.diagnostics ?? []).flatMap((each) => {
    const read = shown.safeParse(each);
    return read.success ? [sentDiagnostic(read.data)] : [];
  });
  if (sent.some((each) => each.severity === "error")) return sent;
  const code = CODES[status] ?? (status >= 500 ? "api_internal" : "api_request_invalid");
  const said =
    problem.detail ?? problem.title ?? problem.message ?? `The server answered with status ${status}.`;
  const request = problem.request_id === undefined ? "" : ` (request ${problem.request_id})`;
  const facts: DiagnosticFacts = { path: place, message: `${said}${request}` };
  return [diagnostic(code, facts), ...sent];
}

/** A newer server may know codes that this program does not; they are shown all the same. */
function sentDiagnostic(sent: z.infer<typeof shown>): Diagnostic {
  return { ...sent, code: sent.code as DiagnosticCode };
}
