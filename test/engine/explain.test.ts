/** Every answer that is not `done` has a diagnostic that says what to do. */
import { expect, it } from "vitest";
import { sha256 } from "../../lib/digest/digest.ts";
import type { GraphId } from "../../lib/digest/ids.ts";
import type { EngineOutcome } from "../../lib/engine/engine.ts";
import { explainOutcome, explainVersion, GRAPH_BUSY } from "../../lib/engine/explain.ts";
import type { SchemaIr } from "../../lib/schema/ir.ts";
import { LIVE_MANIFEST } from "./manifests.ts";

const GRAPH = "company" as GraphId;
const EMPTY_IR: SchemaIr = {
  ir_version: 2,
  schema_identity_domain: "01ARZ3NDEKTSV4RRFFQ69G5FAV",
  next_identity_id: 1,
  interfaces: [],
  nodes: [],
  edges: [],
};
const head = LIVE_MANIFEST;
const schema = { source: "", digest: sha256(""), ir: EMPTY_IR };
const detail = "a detail";

it.each<[string, Exclude<EngineOutcome, { tag: "done" }>]>([
  ["graph_not_live", { tag: "refused", head: { tag: "absent", marked: false } }],
  ["graph_not_live", { tag: "refused", head: { tag: "never", head } }],
  ["graph_moved", { tag: "refused", head: { tag: "live", head, schema } }],
  ["graph_not_live", { tag: "refused", head: { tag: "deleted", head } }],
  ["graph_foreign_format", { tag: "refused", head: { tag: "unreadable", reason: "foreign_format", detail } }],
  ["graph_newer_format", { tag: "refused", head: { tag: "unreadable", reason: "newer_format", detail } }],
  ["graph_corrupt", { tag: "refused", head: { tag: "unreadable", reason: "corrupt", detail } }],
  ["graph_unavailable", { tag: "refused", head: { tag: "unavailable", reason: detail } }],
  ["graph_unavailable", { tag: "unavailable", reason: detail }],
  ["graph_busy", { tag: "unavailable", reason: `${GRAPH_BUSY}: ${detail}` }],
  ["graph_unavailable", { tag: "conflict" }],
  ["graph_outcome_unknown", { tag: "ambiguous", reason: detail }],
])("explains an answer as %s with its reason and what to do", (code, outcome) => {
  const [diagnostic] = explainOutcome(GRAPH, outcome);
  expect(diagnostic).toMatchObject({ code, severity: "error", path: "graph.company" });
  expect(diagnostic?.fix).toMatch(/\.$/);
});

it("explains a version that cannot be read as graph_version_unreadable", () => {
  expect(explainVersion(GRAPH, 9)).toMatchObject({ code: "graph_version_unreadable", path: "graph.company" });
});
