/** Cedar costs more than a whole plan may, so nothing loads it before the first decision (design 12). */
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { createPolicyEngine } from "../../lib/policy/decide.ts";
import { diffAccess } from "../../lib/policy/diff.ts";
import { checkBindingKind } from "../../lib/policy/kind.ts";
import { parsePolicy } from "../../lib/policy/parse.ts";

const cedarIsLoaded = () =>
  Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes("cedar_wasm"));

test("parsing, checking, comparing and creating an engine leave Cedar alone; the first decision loads it", () => {
  const text =
    "version: 1\ngroups: {g: [ada]}\nrules:\n  - {id: r, allow: {actors: {group: g}, actions: [read]}}";
  const parsed = parsePolicy(text, "p.yaml");
  if (parsed.tag === "invalid") expect.unreachable(JSON.stringify(parsed.diagnostics));
  checkBindingKind(parsed.bundle, "graph");
  diffAccess(null, { bundle: parsed.bundle, applies_to: ["graph.crm"] });
  const engine = createPolicyEngine(parsed.bundle, { kind: "graph", graph: "crm" });
  engine.decide({ actor: "nobody", action: "read" });

  expect(cedarIsLoaded()).toBe(false);
  engine.decide({ actor: "ada", action: "read" });
  expect(cedarIsLoaded()).toBe(true);
});
