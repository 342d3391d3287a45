/** Schema records: golden, content addressed, never believed without a check (design 3). */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../lib/digest/digest.ts";
import type { GraphId, IncarnationId } from "../../lib/digest/ids.ts";
import { acceptFirst } from "../../lib/engine/accept-schema.ts";
import type { AcceptedSchema } from "../../lib/engine/engine.ts";
import { decodeSchemaRecord, encodeSchemaRecord } from "../../lib/engine/schema-record.ts";

const SOURCE = `// "quoted" and \u00fcnusual
node Person { name: String @key  age: I64? @range(age, 0..9007199254740993) }
`;
const LIFE = "01ARZ3NDEKTSV4RRFFQ69G5FAV" as IncarnationId;

function accepted(): AcceptedSchema {
  const outcome = acceptFirst(SOURCE, LIFE, "company" as GraphId);
  if (outcome.tag === "invalid") throw new Error(outcome.diagnostics[0]?.message);
  return outcome.schema;
}

describe("schema record", () => {
  it("writes format version 1 exactly as the golden file has it, and reads it back with every digit", () => {
    const golden = readFileSync(new URL("../golden/engine/schema-record-1.json", import.meta.url));
    const bytes = encodeSchemaRecord(accepted());
    expect(new TextDecoder().decode(bytes)).toBe(golden.toString("utf8"));
    expect(decodeSchemaRecord(sha256(bytes), bytes)).toEqual({ tag: "found", schema: accepted() });
  });

  it("takes the life as the identity domain, so that ids of two lives are never mistaken", () => {
    expect(accepted().ir.schema_identity_domain).toBe(LIFE);
  });

  it("refuses a record whose content does not fit its name", () => {
    const bytes = encodeSchemaRecord(accepted());
    const read = decodeSchemaRecord(sha256("another"), bytes);
    expect(read).toMatchObject({ tag: "broken", reason: "corrupt" });
  });

  it.each([
    ["a source that does not fit its digest", { source: "node Other {}" }],
    ["identities that are not there", { ir: "{}" }],
    ["an unknown key", { extra: 1 }],
  ])("refuses a record with %s", (_, change) => {
    const record = JSON.parse(new TextDecoder().decode(encodeSchemaRecord(accepted())));
    const bytes = new TextEncoder().encode(JSON.stringify({ ...record, ...change }));
    expect(decodeSchemaRecord(sha256(bytes), bytes)).toMatchObject({ tag: "broken", reason: "corrupt" });
  });

  it("leaves a record of a newer format alone", () => {
    const bytes = new TextEncoder().encode(JSON.stringify({ format_version: 2 }));
    expect(decodeSchemaRecord(sha256(bytes), bytes)).toMatchObject({ tag: "broken", reason: "newer_format" });
  });
});
