/**
 * Queries whose file changed and whose own text did not (W37). The formats give all queries of a file one digest, so an
 * edit of one is an update of all; a reviewer wants to see the one. The text that was applied is the payload of the
 * catalog: one is read for each changed file, not for each query, and none that earlier runs compiled. What cannot be
 * read says nothing.
 */
import { type Address, parseAddress } from "../../desired/address.ts";
import { declarationDigest } from "../../desired/declaration-digest.ts";
import type { Desired } from "../../desired/desired.ts";
import type { KnownCompilations } from "../../desired/known-compilations.ts";
import { type Digest, sha256 } from "../../digest/digest.ts";
import { payloadKey } from "../../ledger/payload-key.ts";
import type { LedgerState } from "../../ledger/state.ts";
import type { RawChange } from "../../plan/change.ts";
import type { ObjectStore } from "../../ports/object-store.ts";
import { parseQueryFile } from "../../query/parse.ts";
import { inWaves } from "../wave.ts";

export async function untouchedQueries(
  store: ObjectStore,
  changes: readonly RawChange[],
  desired: Desired,
  state: LedgerState | null,
  known: KnownCompilations,
): Promise<ReadonlySet<Address>> {
  const files = [...changedFiles(changes).values()];
  const declarations = await inWaves(
    files,
    async ([first]) => knownDeclarations(first!, state, known) ?? appliedDeclarations(store, first!),
  );
  const untouched = files.flatMap((queries, index) =>
    queries.filter((change) => {
      const before = declarations[index]?.get(parseQueryName(change));
      const after = desired.resources.get(change.resource);
      return before !== undefined && after?.kind === "query" && after.declaration_digest === before;
    }),
  );
  return new Set(untouched.map((change) => change.resource));
}

/** Updated queries by graph and the digest of the file that they were in. */
function changedFiles(changes: readonly RawChange[]): ReadonlyMap<string, readonly RawChange[]> {
  const files = new Map<string, RawChange[]>();
  for (const change of changes) {
    const address = parseAddress(change.resource);
    if (address?.kind !== "query" || change.operation !== "update") continue;
    const key = `${address.graph}\0${change.before_digest}`;
    files.set(key, [...(files.get(key) ?? []), change]);
  }
  return files;
}

function parseQueryName(change: RawChange): string {
  const address = parseAddress(change.resource);
  return address?.kind === "query" ? address.name : "";
}

/** The same from what an earlier run compiled, which saves reading the file; null if nothing is known of it. */
function knownDeclarations(
  change: RawChange,
  state: LedgerState | null,
  known: KnownCompilations,
): ReadonlyMap<string, Digest> | null {
  const address = parseAddress(change.resource);
  const graph = address?.kind === "query" ? address.graph : "";
  const schema = state?.applied_revision.resources[`schema.${graph}`]?.digest;
  const declarations = known.queryFile((schema ?? "") as Digest, (change.before_digest ?? "") as Digest);
  if (declarations === undefined) return null;
  return new Map(declarations.map((each) => [each.name, each.declaration_digest]));
}

/** The declarations of the file that `change` was applied from, by query name; empty if it cannot be read. */
async function appliedDeclarations(
  store: ObjectStore,
  change: RawChange,
): Promise<ReadonlyMap<string, Digest>> {
  const key = payloadKey(change.resource, change.before_digest ?? "");
  const read = key === null ? null : await store.get(key);
  if (read?.tag !== "found" || sha256(read.bytes) !== change.before_digest) return new Map();
  const parsed = parseQueryFile(
    new TextDecoder("utf-8", { ignoreBOM: true }).decode(read.bytes),
    change.resource,
  );
  if (parsed.tag === "invalid") return new Map();
  return new Map(parsed.queries.map((query) => [query.name.text, declarationDigest(query)]));
}
