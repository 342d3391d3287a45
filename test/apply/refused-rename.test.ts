/** A rename of what is not there is the schema's fault, and the store is not blamed for it. */
import { describe, expect, test } from "vitest";
import { appliedWorld, apply, changesOf, codesOf, plan } from "./cluster.ts";
import { PERSON } from "./cluster-files.ts";

const BEFORE = { graphs: { people: { schema: PERSON } } };
const RENAMES_NOTHING = PERSON.replace("age: I32?", 'years: I32? @rename_from("born")');

describe("a schema that renames a property that the graph does not have", () => {
  test("is blocked as a migration that is not supported, with the hint at fault, and nothing of the store", async () => {
    const client = await appliedWorld(BEFORE);
    const after = { graphs: { people: { schema: RENAMES_NOTHING } } };

    const { output } = await plan(client, after);
    const applied = await apply(client, after);

    expect(changesOf(output)).toContain("update schema.people: blocked (migration_unsupported)");
    expect(codesOf(applied, "error")).toContain("schema_rename_target_unknown");
    expect(applied.diagnostics.map((each) => each.message).join(" ")).not.toContain("the store");
  });
});
