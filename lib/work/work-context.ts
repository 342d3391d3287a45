/** WorkContext: what a worker brings to one invocation. */
import type { Access } from "../access/access.ts";

export interface WorkContext {
  /** Asked again for what is about to run. */
  readonly access: Access;
  /** How long the invocation still lasts. */
  readonly remaining_ms: number;
}
