/**
 * Was a graph removed, restored or, where that matters, migrated after a version that somebody reviewed? (design 8). An
 * approval is void then, also where a restore has brought the same incarnation back. Only the chain itself can tell,
 * version by version.
 */
import type { LifeEnding, LifeSince } from "../../approval/match.ts";
import { assertNever } from "../../digest/assert.ts";
import type { GraphId } from "../../digest/ids.ts";
import type { Engine, ManifestRead } from "../../engine/engine.ts";
import { LIFE_VERSIONS_MAX } from "../limits.ts";
import { inWaves } from "../wave.ts";

export interface LifeQuestion {
  readonly graph: GraphId;
  readonly reviewed: number;
  readonly head: number;
  readonly endings: readonly LifeEnding[];
}

/** The versions above `reviewed`, up to the head. More than LIFE_VERSIONS_MAX of them are not followed. */
export async function lifeSince(
  engine: Pick<Engine, "at">,
  { graph, reviewed, head, endings }: LifeQuestion,
): Promise<LifeSince> {
  if (head < reviewed) return unknown(`its chain ends at version ${head}, before version ${reviewed}`);
  const count = head - reviewed;
  if (count > LIFE_VERSIONS_MAX) return unknown(`${count} versions were published since`);
  const versions = Array.from({ length: count }, (_, index) => reviewed + 1 + index);
  const reads = await inWaves(versions, (version) => engine.at(graph, version));
  for (const [index, read] of reads.entries()) {
    const life = lifeIn(read, versions[index]!, endings);
    if (life.tag !== "unbroken") return life;
  }
  return { tag: "unbroken" };
}

function lifeIn(read: ManifestRead, version: number, endings: readonly LifeEnding[]): LifeSince {
  switch (read.tag) {
    case "found": {
      const cause = endings.find((each) => each === read.manifest.cause);
      return cause === undefined ? { tag: "unbroken" } : { tag: "broken", cause, version };
    }
    case "absent":
      return unknown(`version ${version} is missing`);
    case "unreadable":
      return unknown(`version ${version} cannot be read: ${read.detail}`);
    case "unavailable":
      return unknown(read.reason);
    default:
      return assertNever(read);
  }
}

function unknown(reason: string): LifeSince {
  return { tag: "unknown", reason };
}
