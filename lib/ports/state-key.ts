/** The one key that a ledger store commits, whatever the backend (design 3, spec/cluster 5.1). */
import { storeKey } from "./object-store.ts";

export const STATE_KEY = storeKey("__cluster/state.json");
