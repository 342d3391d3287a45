/**
 * Was a graph removed or restored after a version that somebody reviewed? (design 8). An approval is void then, also
 * where a restore has brought the same incarnation back. Only the chain itself can tell, version by version.
 */
import type { LifeSince } from "../approval/match.ts";
import { assertNever } from "../digest/assert.ts";
import type { GraphId } from "../digest/ids.ts";
import type { Engine, ManifestRead } from "../engine/engine.ts";
import { LIFE_VERSIONS_MAX } from "./limits.ts";
import { inWaves } from "./wave.ts";

/** The versions above `reviewed`, up to the head. More than LIFE_VERSIONS_MAX of them are not followed. */
export async function lifeSince(
  engine: Pick<Engine, "at">,
  graph: GraphId,
  reviewed: number,
  head: number,
): Promise<LifeSince> {
  if (head < reviewed) return unknown(`its chain ends at version ${head}, before version ${reviewed}`);
  const count = head - reviewed;
  if (count > LIFE_VERSIONS_MAX) return unknown(`${count} versions were published since`);
  const versions = Array.from({ length: count }, (_, index) => reviewed + 1 + index);
  const reads = await inWaves(versions, (version) => engine.at(graph, version));
  for (const [index, read] of reads.entries()) {
    const life = lifeIn(read, versions[index]!);
    if (life.tag !== "unbroken") return life;
  }
  return { tag: "unbroken" };
}

function lifeIn(read: ManifestRead, version: number): LifeSince {
  switch (read.tag) {
    case "found": {
      const { cause } = read.manifest;
      const ends = cause === "remove" || cause === "restore";
      return ends ? { tag: "broken", cause, version } : { tag: "unbroken" };
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
