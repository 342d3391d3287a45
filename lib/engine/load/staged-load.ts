/**
 * StagedLoad: what the staging half of a load hands to the publishing half.
 *
 * Staging reads and validates the whole source against the schema and the rows that the head pins, and writes the
 * accepted rows to branches of this operation (`openOperationBranch`), where nobody sees them. Publishing puts the
 * next manifest. When another writer moved the head in between, the load is staged again on the new head, under the
 * same operation id; the branch names differ because they carry the head's version.
 *
 * Guarantees of `staged`: every row of the source is in `pins` and valid; nothing visible has changed.
 */
import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Ids } from "../../ports/ids.ts";
import type { Log } from "../../ports/log.ts";
import type { AcceptedSchema, LoadCounts, LoadRequest } from "../engine.ts";
import type { Manifest, TablePin } from "../manifest.ts";
import type { Tables } from "../tables.ts";

export interface LoadContext {
  readonly tables: Tables;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

export type StagedLoad =
  | {
      readonly tag: "staged";
      /** New pins of the types that this load wrote, and of no other type; the rest of the head's pins stays. */
      readonly pins: readonly TablePin[];
      /** Rows that the source brought, per type that it names. */
      readonly counts: readonly LoadCounts[];
      /** Rows that this load inserted, replaced or removed; an approval's tolerance counts them (design 8). */
      readonly rows_written: number;
    }
  | { readonly tag: "invalid"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly tag: "unavailable"; readonly reason: string };

/** `head` is a live manifest, `schema` the schema it names. */
export type StageLoad = (
  context: LoadContext,
  request: LoadRequest,
  head: Manifest,
  schema: AcceptedSchema,
) => Promise<StagedLoad>;
