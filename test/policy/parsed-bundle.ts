/** The bundle in a text that must be valid. */
import { expect } from "vitest";
import type { PolicyBundle } from "../../lib/policy/bundle.ts";
import { parsePolicy } from "../../lib/policy/parse.ts";

export function parsedBundle(text: string): PolicyBundle {
  const parsed = parsePolicy(text, "p.yaml");
  if (parsed.tag === "invalid") expect.unreachable(JSON.stringify(parsed.diagnostics, null, 1));
  return parsed.bundle;
}
