/** The main job on the example, as the command line shows it (issue 2; spec/cluster 7.6, 8.7, 11). */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyOf, EXAMPLE, forgetFolders, run, runJson } from "./command.ts";

const VALIDATE_KEYS = [
  ...["ok", "config_dir", "config_file", "resource_digests", "resources", "dependencies", "diagnostics"],
];
const PLAN_KEYS = [
  ...["ok", "config_dir", "desired_revision", "resource_digests", "dependencies", "state_observations"],
  ...["changes", "blast_radius", "approvals_required", "diagnostics"],
];
const APPLY_KEYS = [
  ...["ok", "config_dir", "actor", "desired_revision", "state_observations", "changes", "applied_count"],
  ...["deferred_count", "converged", "state_written", "resource_statuses", "diagnostics"],
];
const STATUS_KEYS = [
  ...["ok", "config_dir", "state_observations", "resource_digests", "resource_statuses", "observations"],
  "diagnostics",
];
const REFRESH_KEYS = ["ok", "operation", ...STATUS_KEYS.slice(1)];
const UNLOCK_KEYS = ["ok", "config_dir", "state_observations", "lock_removed", "diagnostics"];

/** The keys of the specification, in its order; further keys may stand between and after them. */
function specified(keys: readonly string[], wanted: readonly string[]): readonly string[] {
  return keys.filter((key) => wanted.includes(key));
}

function linesOf(file: string): readonly string[] {
  return readFileSync(file, "utf8").trim().split("\n");
}

/** Rows as values, in an order of their own, without what a load gives to edges. */
function rowsOf(lines: readonly string[]): readonly string[] {
  const sorted = (value: unknown): unknown =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, each]) => [key, sorted(each)]),
        )
      : value;
  return lines.map((line) => JSON.stringify(sorted(JSON.parse(line)))).sort();
}

afterAll(forgetFolders);

describe("The main path on examples/company-brain", () => {
  let folder = "";
  beforeAll(() => {
    folder = copyOf(EXAMPLE);
  });

  it("validates, and answers in the shape of the specification with format_version", async () => {
    const { code, keys, document } = await runJson(folder, "validate");
    expect({ code, version: document["format_version"] }).toEqual({ code: 0, version: 1 });
    expect(specified(keys, VALIDATE_KEYS)).toEqual(VALIDATE_KEYS);
  });

  it("shows before the import what is to do, and writes nothing for it", async () => {
    const planned = await run(folder, "plan");
    expect(planned.code).toBe(0);
    expect(planned.out).toContain("Next: graphform import");
    const applied = await runJson(folder, "apply");
    expect({ code: applied.code, codes: applied.codes }).toEqual({ code: 1, codes: ["state_missing"] });
    const { code, codes } = await runJson(folder, "status");
    expect({ code, codes }).toEqual({ code: 0, codes: ["state_missing"] });
  });

  it("imports once, and not twice", async () => {
    const { code, keys } = await runJson(folder, "import", "--as", "ana");
    expect(code).toBe(0);
    expect(specified(keys, REFRESH_KEYS)).toEqual(REFRESH_KEYS);
    const again = await runJson(folder, "import");
    expect({ code: again.code, codes: again.codes }).toEqual({ code: 1, codes: ["state_already_exists"] });
  });

  it("plans with exit code 2 where changes are asked for by exit code, and else 0", async () => {
    const { code, keys, document } = await runJson(folder, "plan", "--detailed-exitcode");
    expect({ code, version: document["format_version"] }).toEqual({ code: 2, version: 1 });
    expect(specified(keys, PLAN_KEYS)).toEqual(PLAN_KEYS);
    const { code: plain, out } = await run(folder, "plan");
    expect(plain).toBe(0);
    expect(out).toMatch(/Plan: \d+ to create, 0 to update, 0 to delete\./);
    expect(out).toMatch(/query\.knowledge\.\* {2}\d+ queries/);
  });

  it("applies everything, and says who did it in the status (tenet 0)", async () => {
    const { code, keys, document } = await runJson(folder, "apply", "--as", "ana");
    expect({ code, converged: document["converged"] }).toEqual({ code: 0, converged: true });
    expect(specified(keys, APPLY_KEYS)).toEqual(APPLY_KEYS);
    const status = await runJson(folder, "status");
    expect(specified(status.keys, STATUS_KEYS)).toEqual(STATUS_KEYS);
    expect(status.document["last_commit"]).toMatchObject({ kind: "final", actor: "ana" });
    expect(status.document["last_change"]).toEqual(status.document["last_commit"]);
  });

  it("loads both files and exports the same rows again", async () => {
    for (const graph of ["knowledge", "crm"]) {
      const file = join(folder, "data", `${graph}.jsonl`);
      const loaded = await runJson(folder, "load", "--graph", graph, file);
      const counts = loaded.document["counts"] as readonly { readonly rows: number }[];
      expect(counts.reduce((sum, each) => sum + each.rows, 0)).toBe(linesOf(file).length);
      const exported = await run(folder, "export", "--graph", graph);
      expect(rowsOf(exported.out.trim().split("\n"))).toEqual(rowsOf(linesOf(file)));
    }
  });

  it("writes nothing when nothing is to do, whatever was loaded (W37)", async () => {
    const before = readFileSync(join(folder, "__cluster", "state.json"), "utf8");
    const { code, document } = await runJson(folder, "apply");
    expect({ code, outcome: document["outcome"], written: document["state_written"] }).toEqual({
      code: 0,
      outcome: "noop",
      written: false,
    });
    expect(readFileSync(join(folder, "__cluster", "state.json"), "utf8")).toBe(before);
    expect((await run(folder, "plan", "--detailed-exitcode")).code).toBe(0);
  });

  it("names the query, the property and the line when a schema change breaks a query", async () => {
    const file = join(folder, "schemas", "knowledge.pg");
    const schema = readFileSync(file, "utf8");
    writeFileSync(file, schema.replace("  title: String?\n", '  jobTitle: String? @rename_from("title")\n'));
    const { code, out } = await run(folder, "plan");
    expect(code).toBe(1);
    expect(out).toMatch(/query_typecheck_error.*`title`/);
    expect(out).toContain("queries/knowledge/people.gq:");
    writeFileSync(file, schema);
  });

  it("shows the rows that a schema change concerns, and keeps the dropped values readable", async () => {
    const file = join(folder, "schemas", "knowledge.pg");
    writeFileSync(file, readFileSync(file, "utf8").replace("  wordCount: U32?\n", ""));
    const { out } = await run(folder, "plan");
    expect(out).toMatch(/- Document\.wordCount \(soft drop\) {2}\(40 of 60 rows have a value/);
    expect((await run(folder, "apply")).code).toBe(0);
    const before = await run(folder, "export", "--graph", "knowledge", "--at", "2");
    expect(before.out).toContain("wordCount");
    expect((await run(folder, "export", "--graph", "knowledge")).out).not.toContain("wordCount");
  });

  it("refreshes, and tells the last change apart from the last commit", async () => {
    const { code, keys } = await runJson(folder, "refresh", "--as", "ben");
    expect(code).toBe(0);
    expect(specified(keys, REFRESH_KEYS)).toEqual(REFRESH_KEYS);
    const { out } = await run(folder, "status");
    expect(out).toMatch(/last commit: revision \d+, refresh by ben, /);
    expect(out).toMatch(/last change: revision \d+, apply by /);
    expect(out).toContain("update graph.knowledge, schema.knowledge");
  });

  it("has no lock to remove afterwards", async () => {
    const { code, keys, codes } = await runJson(folder, "force-unlock", "01J9ZK3V6Y8T4N2Q5R7S9W1X3Z");
    expect({ code, codes }).toEqual({ code: 1, codes: ["state_lock_missing"] });
    expect(specified(keys, UNLOCK_KEYS)).toEqual(UNLOCK_KEYS);
  });
});
