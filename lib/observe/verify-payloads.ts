/**
 * Payload verification: does the catalog hold what the ledger says (spec/cluster 11.2)? Reads only. Absence is proven;
 * a failed read says nothing about the content.
 */
import { inWaves } from "../apply/wave.ts";
import { type Address, parseAddress } from "../desired/address.ts";
import { type Diagnostic, type DiagnosticCode, diagnostic } from "../diagnostic/diagnostic.ts";
import { compareBytes, sha256 } from "../digest/digest.ts";
import { payloadKey } from "../ledger/payload-key.ts";
import type { LedgerState } from "../ledger/state.ts";
import type { ObjectStore, StoreKey } from "../ports/object-store.ts";

export type PayloadFinding = "missing" | "mismatch" | "read_error";

const CODES = {
  missing: "catalog_payload_missing",
  mismatch: "catalog_payload_mismatch",
  read_error: "catalog_payload_read_error",
} as const satisfies Record<PayloadFinding, DiagnosticCode>;

export interface PayloadReport {
  /** Only what is not as it should be. */
  readonly findings: ReadonlyMap<Address, PayloadFinding>;
  readonly diagnostics: readonly Diagnostic[];
}

interface Expected {
  readonly address: Address;
  /** Null for a digest that can name no payload: then there is none. */
  readonly key: StoreKey | null;
  readonly digest: string;
}

export async function verifyPayloads(store: ObjectStore, state: LedgerState): Promise<PayloadReport> {
  const expected = expectedPayloads(state);
  const answers = await inWaves(expected, async ({ key, digest }) => {
    const read = key === null ? null : await store.get(key);
    if (read === null || read.tag === "absent")
      return { finding: "missing", detail: "it is not there" } as const;
    if (read.tag === "unavailable") return { finding: "read_error", detail: read.reason } as const;
    if (sha256(read.bytes) === digest) return null;
    return { finding: "mismatch", detail: "its content has another digest" } as const;
  });
  const findings = new Map<Address, PayloadFinding>();
  const diagnostics: Diagnostic[] = [];
  for (const [index, answer] of answers.entries()) {
    if (answer === null) continue;
    const { address, key } = expected[index]!;
    findings.set(address, answer.finding);
    const place = key === null ? "" : ` at ${key}`;
    const message = `The payload of ${address}${place} is not what was applied: ${answer.detail}.`;
    diagnostics.push(diagnostic(CODES[answer.finding], { path: address, message }));
  }
  return { findings, diagnostics };
}

function expectedPayloads(state: LedgerState): readonly Expected[] {
  const resources = Object.entries(state.applied_revision.resources);
  return resources
    .flatMap(([text, { digest }]) => {
      const parts = parseAddress(text);
      const address = text as Address;
      if (parts?.kind !== "query" && parts?.kind !== "policy") return [];
      return [{ address, digest, key: payloadKey(address, digest) }];
    })
    .sort((a, b) => compareBytes(a.address, b.address));
}
