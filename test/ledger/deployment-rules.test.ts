/** What a deployment allows: read from a file beside the ledger, or as on a laptop. */
import { describe, expect, it } from "vitest";
import {
  type DeploymentRules,
  decodeRules,
  encodeRules,
  LAPTOP_RULES,
  readRules,
} from "../../lib/ledger/deployment-rules.ts";
import { RULES_KEY } from "../../lib/ledger/keys.ts";
import { createMemoryBackend } from "../../lib/memory/backend.ts";
import { faultyPorts, healthyPorts } from "./faulty-ports.ts";

const STRICT: DeploymentRules = {
  self_approval: "refused",
  access_widening: "gated",
  deletes_max: 0,
  delete_grace_ms: 12 * 60 * 60 * 1000,
};

function decodedFrom(document: object) {
  return decodeRules(new TextEncoder().encode(JSON.stringify(document)));
}

describe("the rules of a deployment", () => {
  it("are those of a laptop where there is no file", async () => {
    const ports = healthyPorts(createMemoryBackend(), 0);
    expect(await readRules(ports, LAPTOP_RULES)).toEqual({ tag: "rules", rules: LAPTOP_RULES });
  });

  it("are read back as they were written", async () => {
    const backend = createMemoryBackend();
    backend.objects.set(RULES_KEY, encodeRules(STRICT));
    expect(await readRules(healthyPorts(backend, 0), LAPTOP_RULES)).toEqual({ tag: "rules", rules: STRICT });
  });

  it("are those of a laptop where the file says nothing", () => {
    const rules = { ...LAPTOP_RULES, deletes_max: 1 };
    expect(decodedFrom({ format_version: 1, deletes_max: 1 })).toEqual({ tag: "decoded", rules });
  });

  it.each([
    [{ format_version: 2 }, "format_version"],
    [{}, "format_version"],
    [{ format_version: 1, self_approval: "yes" }, "self_approval"],
    [{ format_version: 1, deletes_max: -1 }, "deletes_max"],
    [{ format_version: 1, deletes_max: 1.5 }, "deletes_max"],
    [{ format_version: 1, delete_grace_days: "7" }, "delete_grace_days"],
    [{ format_version: 1, delete_grace_days: 4000 }, "delete_grace_days"],
    [{ format_version: 1, deletes_maximum: 3 }, "deletes_maximum"],
  ])("are refused as %j, with the place", (document, place) => {
    const decoded = decodedFrom(document);
    expect(decoded.tag === "invalid" ? decoded.problem : decoded).toContain(place);
  });

  it("are never guessed when the file cannot be read or understood", async () => {
    const backend = createMemoryBackend();
    const ports = healthyPorts(backend, 0);
    backend.objects.set(RULES_KEY, new TextEncoder().encode("{"));
    const failing = faultyPorts(ports, () => true, "error").ports;
    for (const read of [await readRules(ports, LAPTOP_RULES), await readRules(failing, LAPTOP_RULES)]) {
      expect(read).toMatchObject({ tag: "refused", diagnostics: [{ code: "deployment_rules_invalid" }] });
    }
  });
});
