/** Diagnostics and problems as the OpenAPI document describes them. */
import { z } from "@hono/zod-openapi";

export const diagnosticShape = z
  .object({
    code: z.string(),
    severity: z.enum(["error", "warning"]),
    path: z.string(),
    message: z.string(),
    rule: z.string().optional(),
    source: z.object({ file: z.string(), line: z.int(), column: z.int() }).optional(),
    why: z.string(),
    fix: z.string(),
  })
  .openapi("Diagnostic");

export const problemShape = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    diagnostics: z.array(diagnosticShape),
    request_id: z.string(),
  })
  .openapi("Problem");
