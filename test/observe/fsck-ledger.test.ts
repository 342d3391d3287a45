/** A check of ledger, history and protection: each damage is named as exactly that fact (S5, S9, L2). */
import { describe } from "vitest";
import { headKey } from "../../lib/ledger/keys.ts";
import { PROTECTION_KEY } from "../../lib/ledger/protection.ts";
import {
  type Client,
  keysBelow,
  ledgerOf,
  loadPeople,
  putText,
  refresh,
  writeLedger,
} from "../apply/cluster.ts";
import { CONFIG, edit, HEADS, lastKey, RECEIPTS, remove, STATE } from "./checked-cluster.ts";
import { type Damage, namesEach, writtenByAnother } from "./damage.ts";

const OPERATION = "01BX5ZZKBKACTAV9WEVGEMMVRZ";
const LEDGER: readonly Damage[] = [
  {
    name: "a ledger that is gone",
    plant: ({ client }) => remove(client.world, STATE),
    fact: () => `contradicted ledger ${STATE}`,
    says: /missing, but its history reaches revision/,
    repair: ["import"],
  },
  {
    name: "a ledger that an older copy replaced",
    plant: async ({ client }) => {
      const copy = client.world.objects.objects.get(STATE);
      await loadPeople(client, "people", "bob");
      await refresh(client, CONFIG);
      client.world.objects.objects.set(STATE, copy!);
    },
    fact: () => `contradicted ledger ${STATE}`,
    says: /its history reaches revision/,
    repair: ["import"],
  },
  {
    name: "a ledger that was edited under its revision",
    plant: ({ client }) =>
      edit(client.world, STATE, (state) => ({ ...state, applied_revision: { resources: {} } })),
    fact: () => `contradicted ledger ${STATE}`,
    says: /are not those that its receipt records/,
    repair: [],
  },
  {
    name: "a ledger that is none",
    plant: ({ client }) => putText(client.world, STATE, "{"),
    fact: () => `contradicted ledger ${STATE}`,
    says: /not valid JSON/,
    repair: [],
  },
  {
    name: "a composite that is not that of its parts",
    plant: ({ client }) =>
      writtenByAnother(client, (state) => {
        const { resources } = state.applied_revision;
        const stale = { ...resources, "graph.extra": { digest: "0".repeat(64) } };
        return { ...state, applied_revision: { ...state.applied_revision, resources: stale } };
      }),
    fact: () => "contradicted ledger graph.extra",
    says: /its schema, queries, provider and blob policy make/,
    repair: [],
  },
  {
    name: "a status that says that something is going on",
    plant: ({ client }) =>
      writtenByAnother(client, (state) => ({
        ...state,
        resource_statuses: { ...state.resource_statuses, "graph.extra": { status: "applying" } },
      })),
    fact: () => "unknown ledger graph.extra",
    says: /no open operation explains it/,
    repair: ["recover"],
  },
];

const HISTORY: readonly Damage[] = [
  {
    name: "a receipt in the middle that is gone",
    plant: ({ client }) => remove(client.world, lastKey(client.world, RECEIPTS, 2)),
    fact: ({ client }) => `unknown history ${missingReceipt(client)}`,
    says: /cannot be used: it is not there; the history goes on at revision/,
    repair: [],
  },
  {
    name: "a receipt in the middle that is another one",
    plant: ({ client }) =>
      edit(client.world, lastKey(client.world, RECEIPTS, 2), (each) => ({ ...each, actor: "eve" })),
    fact: ({ client }) => `contradicted history ${lastKey(client.world, RECEIPTS, 2)}`,
    says: /its digest is not the one that the ledger names/,
    repair: [],
  },
  {
    name: "a head that is damaged",
    plant: ({ client }) => putText(client.world, lastKey(client.world, HEADS, 3), "{}"),
    fact: ({ client }) => `contradicted history ${lastKey(client.world, HEADS, 3)}`,
    says: /is damaged/,
    repair: [],
  },
  {
    name: "a head that names another commit",
    plant: ({ client }) =>
      edit(client.world, lastKey(client.world, HEADS, 3), (head) => ({ ...head, commit_id: OPERATION })),
    fact: ({ client }) => `contradicted history ${lastKey(client.world, HEADS, 3)}`,
    says: /names another commit than the history has/,
    repair: [],
  },
  {
    name: "a head of no revision of the history",
    plant: async ({ client }) => {
      const head = client.world.objects.objects.get(lastKey(client.world, HEADS))!;
      writeLedger(client.world, (state) => ({ ...state, state_revision: state.state_revision + 5 }));
      await loadPeople(client, "people", "bob");
      await refresh(client, CONFIG);
      client.world.objects.objects.set(headKey(ledgerOf(client.world).state_revision - 3), head);
    },
    fact: ({ client }) => `contradicted history ${headKey(ledgerOf(client.world).state_revision - 3)}`,
    says: /names a commit that is not in the history/,
    repair: [],
  },
  {
    name: "a head that is gone",
    plant: ({ client }) => remove(client.world, lastKey(client.world, HEADS, 3)),
    fact: ({ client }) => `unknown history ${missingHead(client)}`,
    says: /has no head any more/,
    repair: [],
  },
  {
    name: "the newest head that is not there yet",
    plant: ({ client }) => remove(client.world, lastKey(client.world, HEADS)),
    fact: () => `unknown ledger ${STATE}`,
    says: /no head says yet that it won its revision/,
    repair: ["refresh"],
  },
  {
    name: "the record of the owner that is gone",
    plant: ({ client }) => remove(client.world, "__graphform/deployment.json"),
    fact: () => "unknown deployment __graphform/deployment.json",
    says: /Nobody owns the storage root/,
    repair: ["refresh"],
  },
  {
    name: "the record of the owner that is damaged",
    plant: ({ client }) => putText(client.world, "__graphform/deployment.json", "{}"),
    fact: () => "contradicted deployment __graphform/deployment.json",
    says: /not readable/,
    repair: [],
  },
];

function missingReceipt({ world }: Client): string {
  const newest = JSON.parse(Buffer.from(world.objects.objects.get(lastKey(world, RECEIPTS))!).toString());
  const revision = String(newest.parent_revision).padStart(20, "0");
  return `${RECEIPTS}${revision}-${newest.parent_commit_id}.json`;
}

function missingHead({ world }: Client): string {
  const revisions = keysBelow(world, HEADS).map((key) => Number(key.slice(HEADS.length, -".json".length)));
  const gap = revisions.findIndex((revision, index) => revision !== index + 1) + 1;
  return `${HEADS}${String(gap).padStart(20, "0")}.json`;
}

const PROTECTION: readonly Damage[] = [
  {
    name: "a protection that the ledger does not show",
    plant: ({ client }) =>
      writtenByAnother(client, ({ observations, ...state }) => {
        const { [PROTECTION_KEY]: _, ...others } = observations;
        return { ...state, observations: others };
      }),
    fact: () => "contradicted protection graph.people",
    says: /is protected, but the ledger does not show it/,
    repair: ["refresh"],
  },
  {
    name: "a protection that only the ledger shows",
    plant: ({ client }) =>
      writtenByAnother(client, (state) => {
        const unknown = { by: null, at: null, reason: null };
        const mirror = { kind: "protection", graphs: { people: unknown, extra: unknown } };
        return { ...state, observations: { ...state.observations, [PROTECTION_KEY]: mirror } };
      }),
    fact: () => "contradicted protection graph.extra",
    says: /its receipt does not/,
    repair: ["refresh"],
  },
];

describe("a check of the ledger", () => namesEach(LEDGER));
describe("a check of the history", () => namesEach(HISTORY));
describe("a check of the protection of graphs", () => namesEach(PROTECTION));
