/** An intent that an earlier run left open, and its effect, for tests of recovery. */
import { expect } from "vitest";
import { encodeSidecar, type Sidecar } from "../../lib/apply/sidecar.ts";
import { sha256 } from "../../lib/digest/digest.ts";
import type { GraphId, OperationId, RunId } from "../../lib/digest/ids.ts";
import { type Client, keysBelow, putText } from "./cluster.ts";
import { FIND_PERSON, PERSON, PERSON_WITH_NOTE } from "./cluster-files.ts";

export const CONFIG = { graphs: { people: { schema: PERSON, queries: { find_person: FIND_PERSON } } } };
export const NEXT = {
  graphs: { people: { schema: PERSON_WITH_NOTE, queries: { find_person: FIND_PERSON } } },
};
export const OPERATION = "01BX5ZZKBKACTAV9WEVGEMMVRZ" as OperationId;
export const RECOVERIES = "__cluster/recoveries/";

/** Puts the file of an intent to migrate `people` from version 1 to 2, with other facts where they are given. */
export function putIntent(client: Client, facts: Partial<Sidecar>): void {
  const sidecar: Sidecar = {
    schema_version: 1,
    operation_id: OPERATION,
    started_at: "2026-01-01T00:00:00Z",
    actor: "bob",
    kind: "schema_apply",
    graph_id: "people",
    graph_uri: "/cluster/graphs/people.omni",
    observed_manifest_version: 1,
    expected_manifest_version: 2,
    desired_schema_digest: sha256(PERSON_WITH_NOTE),
    state_cas_base: null,
    approval_id: null,
    ...facts,
  };
  const key = `${RECOVERIES}${sidecar.operation_id}.json`;
  putText(client.world, key, Buffer.from(encodeSidecar(sidecar)).toString("utf8"));
}

/** The effect of the intent lands: the graph has the new schema at version 2. */
export async function land(client: Client): Promise<void> {
  const outcome = await client.ports.engine.migrate({
    graph: "people" as GraphId,
    expect: 1,
    operation_id: OPERATION,
    run_id: client.ports.ids.next() as RunId,
    actor: "bob",
    schema_source: PERSON_WITH_NOTE,
    data_loss: false,
  });
  expect(outcome.tag).toBe("done");
}

export function intents(client: Client): readonly string[] {
  return keysBelow(client.world, RECOVERIES);
}
