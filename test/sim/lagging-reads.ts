/**
 * A broken store: it answers reads from a copy that lags behind, consistently, as a replica would. Whoever asks it
 * proves that a check of freshness notices.
 */
import { sha256 } from "../../lib/digest/digest.ts";
import type { Version } from "../../lib/ports/object-store.ts";
import type { PortsChange } from "./sim-ports.ts";

/** How many reads of a client are answered from one copy. */
const READS_A_COPY = 25;

export const laggingReads: PortsChange = {
  store: (store, { world }) => {
    let copy = new Map(world.backend.objects);
    let reads = 0;
    return {
      ...store,
      get: async (key) => {
        const answer = await store.get(key);
        reads += 1;
        if (reads % READS_A_COPY === 0) copy = new Map(world.backend.objects);
        if (answer.tag === "unavailable") return answer;
        const bytes = copy.get(key);
        if (bytes === undefined) return { tag: "absent" };
        return { tag: "found", bytes: Uint8Array.from(bytes), version: sha256(bytes) as string as Version };
      },
    };
  },
};
