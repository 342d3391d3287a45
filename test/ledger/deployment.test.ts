/** Who owns a storage root, and which lease protects it. */
import { describe, expect, it } from "vitest";
import {
  checkDeployment,
  claimDeployment,
  FILE_LEASE_TABLE,
  type LeaseTableName,
} from "../../lib/ledger/deployment.ts";
import { DEPLOYMENT_KEY } from "../../lib/ledger/keys.ts";
import { createMemoryBackend } from "../../lib/memory/backend.ts";
import { faultyPorts, healthyPorts } from "./faulty-ports.ts";

const CLOUD: LeaseTableName = { kind: "dynamodb", name: "graphform-leases@eu-west-1" };

describe("the deployment record", () => {
  it("is absent before the first import, and lets its own client write afterwards", async () => {
    const ports = healthyPorts(createMemoryBackend(), 0);
    expect(await checkDeployment(ports, FILE_LEASE_TABLE)).toEqual({ tag: "absent" });
    expect((await claimDeployment(ports, "ada", FILE_LEASE_TABLE)).tag).toBe("ours");
    expect((await claimDeployment(ports, "ada", FILE_LEASE_TABLE)).tag).toBe("ours");
    expect((await checkDeployment(ports, FILE_LEASE_TABLE)).tag).toBe("ours");
  });

  it("refuses a client of another lease table and names the owner (design 3)", async () => {
    const ports = healthyPorts(createMemoryBackend(), 0);
    await claimDeployment(ports, "prod", CLOUD);
    for (const outcome of [
      await checkDeployment(ports, FILE_LEASE_TABLE),
      await claimDeployment(ports, "me", FILE_LEASE_TABLE),
    ]) {
      expect(outcome).toMatchObject({ tag: "refused", diagnostics: [{ code: "deployment_mismatch" }] });
      expect(outcome.tag === "refused" ? outcome.diagnostics[0]?.message : "").toContain("prod");
    }
  });

  it("refuses every client when it cannot be read or understood, instead of taking it for absent", async () => {
    const backend = createMemoryBackend();
    const ports = healthyPorts(backend, 0);
    const failing = faultyPorts(ports, () => true, "error").ports;
    expect(await checkDeployment(failing, FILE_LEASE_TABLE)).toMatchObject({
      tag: "refused",
      diagnostics: [{ code: "state_read_error" }],
    });
    expect(await claimDeployment(failing, "ada", FILE_LEASE_TABLE)).toMatchObject({
      tag: "refused",
      diagnostics: [{ code: "state_write_error" }],
    });
    backend.objects.set(DEPLOYMENT_KEY, new TextEncoder().encode('{"format_version":2}'));
    expect(await checkDeployment(ports, FILE_LEASE_TABLE)).toMatchObject({
      tag: "refused",
      diagnostics: [{ code: "deployment_invalid" }],
    });
  });
});
