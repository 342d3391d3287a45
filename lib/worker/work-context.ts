/** WorkContext: what a worker brings to one invocation. */
import type { Access } from "../access/access.ts";

export interface WorkContext {
  /** Asked again for what is about to run. */
  readonly access: Access;
  /** How long the invocation still lasts. */
  readonly remaining_ms: number;
  /** True once the process is to end sooner than that: no run and no effect is begun any more. Absent: it is not. */
  readonly interrupted?: () => boolean;
}
