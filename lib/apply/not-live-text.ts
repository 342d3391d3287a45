/** Why a graph can be neither loaded nor exported, in words. Pure. */
import { assertNever } from "../digest/assert.ts";
import type { Observation } from "../engine/engine.ts";

export function notLiveText(observation: Observation): string {
  switch (observation.tag) {
    case "absent":
    case "never":
      return "there is no such graph";
    case "deleted":
      return "it has been deleted";
    case "live":
      return "others changed it meanwhile, again and again";
    case "unreadable":
      return observation.detail;
    case "unavailable":
      return observation.reason;
    default:
      return assertNever(observation);
  }
}
