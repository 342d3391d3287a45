/** What validate says about policies that parse (spec/policy 5.10). */
import { expect, test } from "vitest";
import { loadDesired } from "../../lib/desired/desired.ts";
import { PERSON_SCHEMA, queryText, sampleBundle } from "./sample-bundle.ts";

const MUTATION = "query crm_add($name: String) {\n  insert Person { name: $name }\n}\n";

/** Two graphs, `a` with the queries find, crm_open and the mutation crm_add, `b` with find alone. */
function found(policy: string, appliesTo = "[a, b]") {
  const desired = loadDesired(
    sampleBundle({
      "s.pg": PERSON_SCHEMA,
      "a/find.gq": queryText("find"),
      "a/crm.gq": queryText("crm_open"),
      "a/add.gq": MUTATION,
      "b/find.gq": queryText("find"),
      "p.yaml": policy,
      "cluster.yaml": [
        "version: 1",
        "metadata: {name: demo}",
        "graphs:",
        "  a: {schema: s.pg, queries: a/}",
        "  b: {schema: s.pg, queries: b/}",
        `policies: {p: {file: p.yaml, applies_to: ${appliesTo}}}`,
        "",
      ].join("\n"),
    }),
  );
  return desired.diagnostics.map((each) => ({
    severity: each.severity,
    code: each.rule ?? each.code,
    message: each.message,
    line: each.source?.line,
  }));
}

const bundle = (body: string, exposure = "invocable") =>
  `version: 1\nquery_exposure: ${exposure}\ngroups: {g: [ada]}\nrules:\n${body}`;
const invoke = (scope: string) =>
  `  - {id: r, allow: {actors: {group: g}, actions: [invoke_query], query_scope: ${scope}}}\n`;

test("names that every bound graph has are no reason to speak", () => {
  expect(found(bundle(invoke("{names: [find]}")))).toEqual([]);
  expect(found(bundle(invoke('{names: ["crm_*"], kind: read}')))).toEqual([]);
});

test("a name that no bound graph has is an error, and one that some lack is a warning", () => {
  expect(found(bundle(invoke("{names: [fnid]}")))).toEqual([
    {
      severity: "error",
      code: "policy_query_reference_missing",
      message: expect.stringContaining("'fnid', which does not exist in 'a', 'b'"),
      line: 5,
    },
  ]);
  expect(found(bundle(invoke("{except: [crm_open]}")))).toMatchObject([
    {
      severity: "warning",
      code: "policy_query_reference_missing",
      message: expect.stringContaining("in 'b'"),
    },
  ]);
  expect(found(bundle(invoke("{names: [crm_open]}")), "[a]")).toEqual([]);
});

test("a misspelt exception is an error too, because it widens access", () => {
  expect(found(bundle(invoke("{except: [crm_opne]}")))).toMatchObject([
    { severity: "error", code: "policy_query_reference_missing" },
  ]);
});

test("a name with a * that fits nothing is worth a warning", () => {
  expect(found(bundle(invoke('{names: ["hr_*"], kind: read}')))).toMatchObject([
    { severity: "warning", code: "glob_matches_nothing" },
  ]);
});

test("a mutation that a * reaches is worth a warning, unless it is named or excepted", () => {
  const codes = (scope: string) => found(bundle(invoke(scope)), "[a]").map((each) => each.code);

  expect(codes('{names: ["crm_*"]}')).toEqual(["mutation_reachable_by_glob"]);
  expect(codes('{names: ["crm_*", crm_add]}')).toEqual([]);
  expect(codes('{names: ["crm_*"], except: [crm_add]}')).toEqual([]);
  expect(codes('{names: ["crm_*"], kind: read}')).toEqual([]);
});

test("invoking without listing is worth a warning where policy decides what is listed", () => {
  expect(found(bundle(invoke("{names: [find]}"), "policy"))).toMatchObject([
    { severity: "warning", code: "invoke_without_list", line: 5 },
  ]);
  const listed = `${invoke("{names: [find]}")}  - {id: l, allow: {actors: {group: g}, actions: [list_query]}}\n`;
  expect(found(bundle(listed, "policy"))).toEqual([]);
});

test("a limit on who invokes is worth a warning where everybody with read sees all names", () => {
  expect(found(bundle(invoke("{names: [find]}"), "read_gated"))).toMatchObject([
    { severity: "warning", code: "scoped_invoke_under_read_gated", line: 5 },
  ]);
});

test("a bundle that locks everybody out of the cluster fails validate", () => {
  const text =
    "version: 1\ngroups: {g: [ada]}\nrules:\n  - {id: r, allow: {actors: {group: g}, actions: [cluster_plan]}}\nduties:\n  - {id: d, actions: [cluster_apply], min_approvals: 1}\n";

  expect(found(text, "[cluster]")).toMatchObject([
    { severity: "error", code: "policy_lockout" },
    { severity: "error", code: "duty_unsatisfiable", line: 6 },
  ]);
});
