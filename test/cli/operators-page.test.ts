/** README's page for operators: nobody meets a status or a condition that it does not explain. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { RESOURCE_STATUSES } from "../../lib/ledger/state.ts";

const ROOT = new URL("../../", import.meta.url);
const README = readFileSync(new URL("README.md", ROOT), "utf8");
const ROWS = README.split("\n").filter((line) => line.startsWith("| `"));

function source(path: string): string {
  return readFileSync(new URL(path, ROOT), "utf8");
}

/** The members of the union of reasons, as the source has them. */
function reasons(): readonly string[] {
  const text = source("lib/plan/change.ts");
  const union = text.slice(
    text.indexOf("export type ChangeReason"),
    text.indexOf("export interface PlannedMigration"),
  );
  return [...union.matchAll(/\| "([a-z_]+)"/g)].map((match) => match[1]!);
}

/** Every condition that some file of lib writes literally. */
function conditions(): readonly string[] {
  const files = readdirSync(new URL("lib/", ROOT), { recursive: true, encoding: "utf8" });
  const texts = files.filter((file) => file.endsWith(".ts")).map((file) => source(`lib/${file}`));
  return texts.flatMap((text) =>
    [...text.matchAll(/conditions: \["([a-z_]+)"\]/g)].map((match) => match[1]!),
  );
}

function explained(code: string): boolean {
  return ROWS.some((row) => row.split("|")[1]?.includes(`\`${code}\``));
}

describe("README", () => {
  test("explains every status that the ledger may have", () => {
    expect(RESOURCE_STATUSES.filter((status) => !explained(status))).toEqual([]);
  });

  test("explains every reason and every condition", () => {
    expect(reasons().length).toBeGreaterThan(15);
    expect([...new Set([...reasons(), ...conditions()])].filter((code) => !explained(code))).toEqual([]);
  });
});
