/** A check of approvals: evidence, artifact, records, history and chain tell one story of each, or it is named (C1, C2). */
import { describe } from "vitest";
import { headOf, putText, refresh, removeBehind } from "../apply/cluster.ts";
import { ARTIFACTS, CONFIG, EVIDENCE, edit, evidenceIn, remove } from "./checked-cluster.ts";
import { type Damage, namesEach, writtenByAnother } from "./damage.ts";

const OPERATION = "01BX5ZZKBKACTAV9WEVGEMMVRZ";
const RUN = "01BX5ZZKBKACTAV9WEVGEMMVRR";

const APPROVALS: readonly Damage[] = [
  {
    name: "evidence that is damaged",
    plant: ({ client, revoked }) => putText(client.world, `${EVIDENCE}${revoked}.json`, "{"),
    fact: ({ revoked }) => `contradicted approvals ${EVIDENCE}${revoked}.json`,
    says: /cannot be read/,
    repair: [],
  },
  {
    name: "an open approval without its artifact",
    plant: ({ client, open }) => remove(client.world, `${ARTIFACTS}${open}.json`),
    fact: ({ open }) => `unknown approvals ${open}`,
    says: /has no artifact that can be read/,
    repair: ["approvals revoke"],
  },
  {
    name: "an open approval that another tool used",
    plant: ({ client, open }) =>
      edit(client.world, `${ARTIFACTS}${open}.json`, (each) => ({
        ...each,
        consumed_at: "2026-01-02T00:00:00Z",
      })),
    fact: ({ open }) => `contradicted approvals ${open}`,
    says: /its artifact says that it was used/,
    repair: ["approvals revoke"],
  },
  {
    name: "an approval that was used and is open again",
    plant: ({ client, used }) => evidenceIn(client.world, used, { tag: "open" }),
    fact: ({ used }) => `contradicted approvals ${used}`,
    says: /is open in its evidence, and revision \d+ used it/,
    repair: [],
  },
  {
    name: "an approval that was used and was taken back",
    plant: ({ client, used }) =>
      evidenceIn(client.world, used, { tag: "revoked", by: "eve", at: "2026-01-02T00:00:00Z", reason: null }),
    fact: ({ used }) => `contradicted approvals ${used}`,
    says: /was taken back, and revision \d+ used it/,
    repair: [],
  },
  {
    name: "an approval that was used for a delete that never was",
    plant: ({ client, used }) =>
      evidenceIn(client.world, used, {
        tag: "consumed",
        operation_id: OPERATION,
        at: "2026-01-02T00:00:00Z",
      }),
    fact: ({ used }) => `contradicted approvals ${used}`,
    says: /the chain of graph.shop has no such operation/,
    repair: [],
  },
  {
    name: "an approval that claims a use that nothing records",
    plant: async ({ client, open }) => {
      await removeBehind(client, "extra");
      const { operation_id } = await headOf(client, "extra");
      await refresh(client, CONFIG);
      evidenceIn(client.world, open, { tag: "consumed", operation_id, at: "2026-01-02T00:00:00Z" });
    },
    fact: ({ open }) => `contradicted approvals ${open}`,
    says: /neither the ledger nor its history does/,
    repair: [],
  },
  {
    name: "a use that the ledger has forgotten",
    plant: ({ client }) => writtenByAnother(client, (state) => ({ ...state, approval_records: {} })),
    fact: ({ used }) => `contradicted approvals ${used}`,
    says: /a revision has it, and the ledger's records do not/,
    repair: [],
  },
  {
    name: "a use that the artifact does not tell",
    plant: ({ client, used }) =>
      edit(client.world, `${ARTIFACTS}${used}.json`, (each) => ({ ...each, consumed_at: null })),
    fact: ({ used }) => `contradicted approvals ${used}`,
    says: /its artifact does not say so/,
    repair: [],
  },
  {
    name: "an approval that a run has reserved that is not at work",
    plant: ({ client, open }) =>
      evidenceIn(client.world, open, {
        tag: "reserved",
        reservation: { operation_id: OPERATION, run_id: RUN, graph: "extra", expect: 1 },
      }),
    fact: ({ open }) => `unknown approvals ${open}`,
    says: /which is not at work and has left no open operation/,
    repair: ["recover"],
  },
  {
    name: "a use of which all but the record is gone",
    plant: ({ client, used }) => remove(client.world, `${EVIDENCE}${used}.json`, `${ARTIFACTS}${used}.json`),
    fact: ({ used }) => `unknown approvals ${used}`,
    says: /neither evidence nor artifact of it is there/,
    repair: [],
  },
];

describe("a check of the approvals", () => namesEach(APPROVALS));
