/** What a test of a faulty schema text demands: one diagnostic, of the right code, stage, place and wording. */
import { expect } from "vitest";
import type { DiagnosticCode } from "../../lib/diagnostic/diagnostic.ts";
import { compileSchema, parseSchema } from "../../lib/schema/compile.ts";

/** `row` is the row of spec/schema 5, or the point of another section; `at` is `line:column`. */
export type FaultySchema = readonly [
  row: string,
  code: DiagnosticCode,
  stage: "parse" | "catalog" | "warning",
  source: string,
  at: string,
  fragment: string,
];

const FILE = "people.pg";

/** Asserts that compiling finds exactly the fault, and that the parser alone finds it only at stage P. */
export function expectFault([, code, stage, source, at, fragment]: FaultySchema): void {
  const compiled = compileSchema(source, FILE);
  if (stage === "warning") expect(compiled.tag).toBe("compiled");
  else expect(compiled).toMatchObject({ tag: "invalid", stage });
  const found = compiled.tag === "compiled" ? compiled.warnings : compiled.diagnostics;
  const severity = stage === "warning" ? "warning" : "error";
  const told = found.filter((each) => each.severity === severity);
  expect(told.map((each) => each.code)).toEqual([code]);
  expect(told[0]?.message).toContain(fragment);
  expect(told[0]?.path).toBe("");
  const place = told[0]?.source;
  expect(`${place?.file} ${place?.line}:${place?.column}`).toBe(`${FILE} ${at}`);
  expect(parseSchema(source, FILE).tag).toBe(stage === "parse" ? "invalid" : "parsed");
}
