/** The settings of a deployment as a document: strict, all problems at once, the safer choice where it says nothing. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decodeSettings, encodeSettings } from "../../lib/worker/settings.ts";

const GOLDEN = readFileSync(new URL("../golden/worker/settings-1.json", import.meta.url), "utf8");

function problems(document: unknown): readonly string[] {
  const decoded = decodeSettings(
    Buffer.from(typeof document === "string" ? document : JSON.stringify(document)),
  );
  return decoded.tag === "decoded" ? [] : decoded.diagnostics.map(({ code, path }) => `${code} ${path}`);
}

describe("the settings of a deployment", () => {
  test("are read and written exactly as the golden file has them", () => {
    const decoded = decodeSettings(Buffer.from(GOLDEN, "utf8"));
    if (decoded.tag !== "decoded") throw new Error(decoded.tag);
    expect(Buffer.from(encodeSettings(decoded.settings)).toString("utf8")).toBe(GOLDEN);
    expect(decoded.settings).toMatchObject({
      bootstrap_principal: "iam-role:admin",
      clusters: ["brain", "shop"],
    });
  });

  test("that say nothing are the safest that there are", () => {
    const decoded = decodeSettings(Buffer.from('{"format_version": 1}', "utf8"));
    expect(decoded).toMatchObject({
      tag: "decoded",
      settings: {
        bootstrap_principal: null,
        issuers: {},
        uploaders: {},
        clusters: null,
        rules: { self_approval: "refused", deletes_max: 3 },
        unbound_graph: "deny",
      },
    });
  });

  test("tell all that is wrong with them at once, each with its path", () => {
    const wrong = {
      format_version: 2,
      issuers: { a: "" },
      clusters: ["ok", "No"],
      rules: { self_approval: "maybe", deletes: 3 },
      invocation_ms: 5,
      colour: "red",
    };
    expect(problems(wrong)).toEqual([
      "settings_invalid settings.format_version",
      "settings_invalid settings.issuers.a",
      "settings_invalid settings.clusters.1",
      "settings_invalid settings.rules.self_approval",
      "settings_invalid settings.rules.deletes",
      "settings_invalid settings.invocation_ms",
      "settings_invalid settings.colour",
    ]);
  });

  test("are refused where two issuers have one alias, or groups belong to none", () => {
    const two = { format_version: 1, issuers: { a: "corp", b: "corp" }, group_claims: { other: "groups" } };
    expect(problems(two)).toEqual([
      "settings_invalid settings.issuers.b",
      "settings_invalid settings.group_claims.other",
    ]);
  });

  test.each([
    ["no JSON", "{"],
    ["a key twice", '{"format_version":1,"format_version":1}'],
    ["far too much", JSON.stringify({ format_version: 1, bootstrap_principal: "a".repeat(3_000_000) })],
    ["nothing", ""],
  ])("that are %s are refused", (_, text) => {
    expect(problems(text)).toEqual(["settings_invalid settings"]);
  });
});
