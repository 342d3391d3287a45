/** What every verb of the engine works with: the parts that `createEngine` was given, and what it keeps itself. */
import type { Digest } from "../digest/digest.ts";
import type { Clock } from "../ports/clock.ts";
import type { Ids } from "../ports/ids.ts";
import type { Log } from "../ports/log.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import type { AcceptedSchema } from "./engine.ts";
import type { StageLoad } from "./load/staged-load.ts";
import type { Tables } from "./tables.ts";
import type { WriterQueue } from "./writer-queue.ts";

export interface EngineContext {
  readonly store: ObjectStore;
  readonly tables: Tables;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly stageLoad: StageLoad;
  /** Decoded schema records: immutable, so never stale. */
  readonly schemas: Map<Digest, AcceptedSchema>;
  readonly writers: WriterQueue;
  /** How long an earlier manifest protects what it pins. */
  readonly soft_drop_window_ms: number;
}

/** What it takes to look at chains and touch no rows. */
export type ChainContext = Pick<EngineContext, "store" | "clock" | "log" | "schemas">;
