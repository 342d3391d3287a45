/**
 * Planted bugs (reliability 6.7): each changes the ports from outside in the way in which a program could be wrong, so
 * that the checks can be shown to notice. Production code has no switch for any of them. README.md tells which layer
 * catches which, and why some are harmless.
 */
import { decodeEvidence, type Evidence, encodeEvidence } from "../../lib/approval/evidence.ts";
import { sha256 } from "../../lib/digest/digest.ts";
import type { ObjectStore, StoreKey, Version } from "../../lib/ports/object-store.ts";
import { STATE_KEY } from "../../lib/ports/state-key.ts";
import type { Scheduler } from "./scheduler.ts";
import type { PortsChange } from "./sim-ports.ts";

export interface PlantedBug {
  readonly says: string;
  readonly plant: PortsChange;
}

const FAKE = "0".repeat(64) as string as Version;
const PUT = { tag: "done", value: FAKE } as const;

/** Writes of the keys answer that they are done, and do nothing. */
function swallowed(pattern: RegExp): PortsChange {
  return {
    store: (store) => ({
      ...store,
      putIfAbsent: (key, bytes) => (pattern.test(key) ? Promise.resolve(PUT) : store.putIfAbsent(key, bytes)),
    }),
  };
}

function versionNow({ world }: Scheduler, key: StoreKey): Version | null {
  const bytes = world.backend.objects.get(key);
  return bytes === undefined ? null : (sha256(bytes) as string as Version);
}

/** Takes the version that is there whenever it is refused. */
function insistent(store: ObjectStore, scheduler: Scheduler, verb: "replace" | "remove"): ObjectStore {
  const insist = async <Outcome extends { readonly tag: string }>(
    key: StoreKey,
    version: Version,
    call: (on: Version) => Promise<Outcome>,
  ): Promise<Outcome> => {
    for (let on = version; ; ) {
      const outcome = await call(on);
      const now = versionNow(scheduler, key);
      if (outcome.tag !== "refused" || now === null) return outcome;
      on = now;
    }
  };
  if (verb === "replace") {
    return {
      ...store,
      replace: (key, bytes, version) => insist(key, version, (on) => store.replace(key, bytes, on)),
    };
  }
  return { ...store, remove: (key, version) => insist(key, version, (on) => store.remove(key, on)) };
}

function opened(bytes: Uint8Array): Uint8Array {
  const decoded = decodeEvidence(bytes);
  if (decoded.tag !== "decoded") return bytes;
  const open: Evidence = { ...decoded.evidence, state: { tag: "open" } };
  return encodeEvidence(open);
}

export const PORT_BUGS = {
  conflict_as_refusal: {
    says: "an undecided write (409) is taken for one that somebody else won",
    plant: {
      store: (store) => {
        const refused = { tag: "refused", current: { tag: "found", version: null } } as const;
        return {
          ...store,
          putIfAbsent: async (key, bytes) => {
            const outcome = await store.putIfAbsent(key, bytes);
            return outcome.tag === "conflict" ? refused : outcome;
          },
          replace: async (key, bytes, version) => {
            const outcome = await store.replace(key, bytes, version);
            return outcome.tag === "conflict" ? refused : outcome;
          },
        };
      },
    },
  },
  unconditional_replace: {
    says: "objects are replaced whatever version they have",
    plant: { store: (store, scheduler) => insistent(store, scheduler, "replace") },
  },
  unconditional_remove: {
    says: "objects are removed whatever version they have",
    plant: { store: (store, scheduler) => insistent(store, scheduler, "remove") },
  },
  no_revision_check: {
    says: "the ledger is committed on whatever is there",
    plant: {
      store: (store, scheduler) => ({
        ...store,
        replace: (key, bytes, version) => {
          const change = key === STATE_KEY ? insistent(store, scheduler, "replace") : store;
          return change.replace(key, bytes, version);
        },
      }),
    },
  },
  unconditional_release: {
    says: "whoever ends gives back the lease, also that of a successor",
    plant: {
      ports: (ports, { world }) => ({
        ...ports,
        lease: {
          ...ports.lease,
          release: (lockId) => ports.lease.release(world.backend.lease.holder?.lock_id ?? lockId),
        },
      }),
    },
  },
  lease_taken_by_force: {
    says: "a held lease is broken and taken without anybody having asked for that",
    plant: {
      ports: (ports) => ({
        ...ports,
        lease: {
          ...ports.lease,
          acquire: async (request) => {
            const outcome = await ports.lease.acquire(request);
            if (outcome.tag !== "refused" || outcome.current === null) return outcome;
            await ports.lease.break(outcome.current.lock_id);
            return ports.lease.acquire(request);
          },
        },
      }),
    },
  },
  token_not_raised: {
    says: "every holder has the same fencing token",
    plant: {
      ports: (ports) => ({
        ...ports,
        lease: {
          ...ports.lease,
          acquire: async (request) => {
            const outcome = await ports.lease.acquire(request);
            if (outcome.tag !== "done") return outcome;
            const { displaced, item } = outcome.value;
            return { tag: "done", value: { displaced, item: { ...item, token: 1 } } };
          },
        },
      }),
    },
  },
  error_as_absence: {
    says: "a listing of intents that failed counts as no intents; every second one fails",
    plant: {
      store: (store) => {
        let listings = 0;
        return {
          ...store,
          list: async (options) => {
            const answer = await store.list(options);
            if (options.prefix !== "__cluster/recoveries/") return answer;
            listings += 1;
            return listings % 2 === 1 ? { tag: "listed", keys: [], next: null } : answer;
          },
        };
      },
    },
  },
  no_intents: { says: "effects are sent without an intent", plant: swallowed(/^__cluster\/recoveries\//) },
  no_heads: { says: "nobody records which commit won a revision", plant: swallowed(/^__graphform\/heads\//) },
  no_receipts: { says: "a revision has no receipt", plant: swallowed(/^__graphform\/receipts\//) },
  plan_used_twice: {
    says: "the use of a plan is not recorded",
    plant: swallowed(/^__graphform\/plans\/.*-used/),
  },
  publication_overwrites: {
    says: "a manifest is put over the one that is there",
    plant: {
      store: (store, { world }) => ({
        ...store,
        putIfAbsent: async (key, bytes) => {
          const taken = key.includes("/__manifest/") ? world.backend.objects.get(key) : undefined;
          if (taken === undefined) return store.putIfAbsent(key, bytes);
          return store.replace(key, bytes, sha256(taken) as string as Version);
        },
      }),
    },
  },
  intents_removed_before_commit: {
    says: "intents go before the commit that makes them superfluous",
    plant: {
      ports: (ports, { world }) => ({
        ...ports,
        ledger: {
          ...ports.ledger,
          commit: async (commit) => {
            const keys = [...world.backend.objects.keys()].filter((key) =>
              key.startsWith("__cluster/recoveries/"),
            );
            const announces = Buffer.from(commit.bytes).toString("utf8").includes('"applying"');
            for (const key of announces ? [] : (keys as StoreKey[])) {
              const found = await ports.store.get(key);
              if (found.tag === "found") await ports.store.remove(key, found.version);
            }
            return ports.ledger.commit(commit);
          },
        },
      }),
    },
  },
  fresh_precondition: {
    says: "an effect is sent on what is there now instead of what it was decided on",
    plant: {
      ports: (ports) => {
        const now = async <Request extends { readonly graph: never; readonly expect: number }>(
          request: Request,
        ) => {
          const seen = await ports.engine.observe(request.graph);
          return "head" in seen ? { ...request, expect: seen.head.version } : request;
        };
        return {
          ...ports,
          engine: {
            ...ports.engine,
            migrate: async (request) => ports.engine.migrate(await now(request as never)),
            remove: async (request) => ports.engine.remove(await now(request as never)),
            create: async (request) => ports.engine.create(await now(request as never)),
          },
        };
      },
    },
  },
  effect_not_awaited: {
    says: "an effect counts as not done while it is still on its way",
    plant: {
      ports: (ports) => {
        const forgotten = async (sent: Promise<unknown>) => {
          void sent;
          await ports.clock.sleep(0);
          return { tag: "unavailable", reason: "it takes too long" } as const;
        };
        return {
          ...ports,
          engine: {
            ...ports.engine,
            create: (request) => forgotten(ports.engine.create(request)),
            migrate: (request) => forgotten(ports.engine.migrate(request)),
            remove: (request) => forgotten(ports.engine.remove(request)),
          },
        };
      },
    },
  },
  load_acknowledged_early: {
    says: "a load is acknowledged before it is published",
    plant: {
      ports: (ports) => ({
        ...ports,
        engine: {
          ...ports.engine,
          load: async (request) => {
            const seen = await ports.engine.observe(request.graph);
            if (seen.tag !== "live") return { tag: "refused", head: seen };
            return { tag: "done", manifest: seen.head, counts: [] };
          },
        },
      }),
    },
  },
  approval_not_reserved: {
    says: "an approval is used without having been reserved",
    plant: {
      store: (store) => ({
        ...store,
        replace: (key, bytes, version) =>
          key.startsWith("__graphform/approvals/")
            ? Promise.resolve(PUT)
            : store.replace(key, bytes, version),
      }),
    },
  },
  revocation_not_seen: {
    says: "an approval that was taken back still counts",
    plant: {
      store: (store) => ({
        ...store,
        get: async (key) => {
          const answer = await store.get(key);
          if (answer.tag !== "found") return answer;
          if (key.startsWith("__graphform/approvals/")) return { ...answer, bytes: opened(answer.bytes) };
          if (!key.startsWith("__cluster/approvals/")) return answer;
          const artifact: object = JSON.parse(Buffer.from(answer.bytes).toString("utf8"));
          const unused = `${JSON.stringify({ ...artifact, consumed_at: null, consumed_by_operation: null }, null, 2)}\n`;
          return { ...answer, bytes: Buffer.from(unused, "utf8") };
        },
      }),
    },
  },
  fence_only_pretended: {
    says: "the sweep believes that it has occupied a version, and has not",
    plant: {
      ports: (ports) => {
        const fenced = new Map<string, number>();
        const { engine } = ports;
        return {
          ...ports,
          engine: {
            ...engine,
            fence: async (request) => {
              const seen = await engine.observe(request.graph);
              fenced.set(request.graph, request.expect);
              if (!("head" in seen)) return engine.fence(request);
              const version = request.expect + 1;
              const { operation_id, run_id, actor } = request;
              return {
                tag: "done",
                manifest: { ...seen.head, version, cause: "fence", operation_id, run_id, actor },
              };
            },
            observe: async (graph) => {
              const seen = await engine.observe(graph);
              if (!("head" in seen) || fenced.get(graph) !== seen.head.version) return seen;
              return { ...seen, head: { ...seen.head, version: seen.head.version + 1, cause: "fence" } };
            },
            at: async (graph, version) => {
              const read = await engine.at(graph, version);
              if (read.tag !== "absent" || fenced.get(graph) !== version - 1) return read;
              const before = await engine.at(graph, version - 1);
              if (before.tag !== "found") return before;
              const operation_id = ports.ids.next() as typeof before.manifest.operation_id;
              return { ...before, manifest: { ...before.manifest, version, cause: "fence", operation_id } };
            },
          },
        };
      },
    },
  },
} as const satisfies Readonly<Record<string, PlantedBug>>;

export type PortBugName = keyof typeof PORT_BUGS;
