/**
 * SchemaIr to bytes and back (spec/schema 6.2). The text is the compact JSON that the IR digest is taken of.
 *
 * Guarantees: what is encoded, and what decodes, is valid by ir-verify.ts; integers of bounds are exact over the
 * whole 64-bit range; encode(decode(text)) is text for every text that encode made.
 */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assert } from "../digest/assert.ts";
import { type Brand, sha256 } from "../digest/digest.ts";
import { compactJson } from "./compact-json.ts";
import type { SchemaIr } from "./ir.ts";
import { IR_JSON } from "./ir-json.ts";
import { verifyIr } from "./ir-verify.ts";

/** `sha256:` and 64 hex characters over the compact JSON of an IR. */
export type IrDigest = Brand<"IrDigest">;

export type IrDecoded =
  | { readonly tag: "decoded"; readonly ir: SchemaIr }
  | { readonly tag: "invalid"; readonly diagnostics: readonly Diagnostic[] };

/** The compact JSON of a valid IR. */
export function encodeIr(ir: SchemaIr): string {
  const faults = verifyIr(ir);
  assert(faults.length === 0, `only a valid schema is encoded: ${faults[0]}`);
  return compactJson(ir);
}

export function irDigest(ir: SchemaIr): IrDigest {
  return `sha256:${sha256(encodeIr(ir))}` as IrDigest;
}

/** Reads stored text; every contradiction in it is a diagnostic (spec/schema 5, row 53). */
export function decodeIr(text: string): IrDecoded {
  const json = parseExact(text);
  if (json.tag === "invalid") return invalid([json.message]);
  const read = IR_JSON.safeParse(json.value);
  if (!read.success)
    return invalid(read.error.issues.map((each) => `${each.path.join(".")}: ${each.message}`));
  const faults = verifyIr(read.data);
  return faults.length > 0 ? invalid(faults) : { tag: "decoded", ir: read.data };
}

function invalid(faults: readonly string[]): IrDecoded {
  const diagnostics = faults.map((fault) =>
    diagnostic("schema_ir_invalid", { path: "", message: `invalid accepted SchemaIR: ${fault}` }),
  );
  return { tag: "invalid", diagnostics };
}

type ExactJson =
  | { readonly tag: "parsed"; readonly value: unknown }
  | { readonly tag: "invalid"; readonly message: string };

/** A bound whose integer is a JSON number; the quotes that follow keep its digits through JSON.parse. */
const INTEGER_BOUND = /"Integer"\s*:\s*(-?(?:0|[1-9][0-9]*))(?=\s*\})/g;
/** A bound whose integer is a text already: never written by us, and it must not pass for one. */
const QUOTED_BOUND = /"Integer"\s*:\s*"/;

function parseExact(text: string): ExactJson {
  if (QUOTED_BOUND.test(text)) return { tag: "invalid", message: "a bound holds a text" };
  try {
    return { tag: "parsed", value: JSON.parse(text.replace(INTEGER_BOUND, '"Integer":"$1"')) };
  } catch {
    // JSON.parse reports by throwing.
    return { tag: "invalid", message: "the text is not JSON" };
  }
}
