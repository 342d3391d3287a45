/**
 * The one definition of a valid ledger (invariants S1 to S9 as far as the document shows them), called by the codec
 * before every write and after every read, and nowhere else (style 7.17).
 *
 * - S1 the version is known (the codec's type). S2 addresses are well formed, so that no path made of one leaves the
 *   root (W35). S3 references have the grammar of addresses. S4 a graph depends on its children only, so no cycle can
 *   be written down. S7 statuses belong to addresses. S8 sizes and counts are within limits. S6 and S9 live in marker
 *   and receipts: the marker is well formed and not ahead of the ledger.
 *
 * S5, that graph entries are the composites of their children, is `verifyComposites`: it holds for everything that we
 * write, but an old ledger that breaks it can still be read, shown and planned on (spec/cluster 4.2).
 */
import { parseAddress } from "../desired/address.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { STATE_KEY } from "../ports/state-key.ts";
import { PROBLEMS_MAX, RECORDS_MAX, RESOURCES_MAX, REVISION_MAX } from "./limits.ts";
import { MARKER_KEY, readMarker } from "./marker.ts";
import type { LedgerResource, LedgerState } from "./state.ts";

/** A digest is any text to OmniGraph; what must hold is that it is one word, because digests name files. */
const DIGEST_TEXT = /^[\x21-\x7e]+$/;
const GRAPH_KINDS = /^(?:graph|schema|query|policy|provider)\./;

type Resources = Readonly<Record<string, LedgerResource>>;

/** Everything that is wrong with the state; empty if it is valid. */
export function verifyLedger(state: LedgerState): readonly Diagnostic[] {
  return [
    ...limitProblems(state),
    ...addressProblems(state),
    ...resourceProblems(state.applied_revision.resources),
    ...markerProblems(state),
  ].slice(0, PROBLEMS_MAX);
}

function limitProblems(state: LedgerState): Diagnostic[] {
  const problems: Diagnostic[] = [];
  const check = (what: string, value: number, max: number): void => {
    if (value <= max) return;
    const message = `The ledger has ${what} ${value}; at most ${max} is supported.`;
    problems.push(diagnostic("state_limit_exceeded", { path: STATE_KEY, message }));
  };
  check("state_revision", state.state_revision, REVISION_MAX);
  check("a number of resources of", Object.keys(state.applied_revision.resources).length, RESOURCES_MAX);
  check("a number of statuses of", Object.keys(state.resource_statuses).length, RECORDS_MAX);
  check("a number of approval records of", Object.keys(state.approval_records).length, RECORDS_MAX);
  check("a number of recovery records of", Object.keys(state.recovery_records).length, RECORDS_MAX);
  check("a number of observations of", Object.keys(state.observations).length, RECORDS_MAX);
  return problems;
}

function addressProblems(state: LedgerState): Diagnostic[] {
  const places: readonly (readonly [string, readonly string[]])[] = [
    ["applied_revision.resources", Object.keys(state.applied_revision.resources)],
    ["resource_statuses", Object.keys(state.resource_statuses)],
    ["observations", Object.keys(state.observations).filter((key) => GRAPH_KINDS.test(key))],
  ];
  return places.flatMap(([place, keys]) =>
    keys
      .filter((key) => parseAddress(key) === null)
      .map((key) =>
        diagnostic("state_address_invalid", {
          path: STATE_KEY,
          message: `${JSON.stringify(key)} in ${place} is not a resource address.`,
        }),
      ),
  );
}

function isBinding(text: string): boolean {
  return text === "cluster" || parseAddress(text)?.kind === "graph";
}

function resourceProblems(resources: Resources): Diagnostic[] {
  return Object.entries(resources).flatMap(([address, resource]) => {
    const problems: string[] = [];
    if (!DIGEST_TEXT.test(resource.digest)) problems.push("its digest is empty or no single word");
    for (const binding of resource.applies_to ?? []) {
      if (!isBinding(binding)) problems.push(`applies_to names ${JSON.stringify(binding)}`);
    }
    const provider = resource.embedding_provider;
    if (provider !== undefined && parseAddress(provider)?.kind !== "embedding_provider") {
      problems.push(`embedding_provider names ${JSON.stringify(provider)}`);
    }
    return problems.map((problem) =>
      diagnostic("state_reference_invalid", {
        path: address,
        message: `The ledger's entry ${address} is not valid: ${problem}.`,
      }),
    );
  });
}

function markerProblems(state: LedgerState): Diagnostic[] {
  const reading = readMarker(state);
  const path = `state.observations.${MARKER_KEY}`;
  if (reading.tag === "unmarked") return [];
  if (reading.tag === "malformed") {
    const message = `The commit marker of the ledger is damaged: ${reading.problem}.`;
    return [diagnostic("state_marker_invalid", { path, message })];
  }
  if (reading.marker.state_revision <= state.state_revision) return [];
  const message = `The commit marker says revision ${reading.marker.state_revision}, the ledger ${state.state_revision}.`;
  return [diagnostic("state_marker_invalid", { path, message })];
}
