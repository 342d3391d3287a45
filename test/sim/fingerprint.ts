/** Fingerprint of a world: equal worlds come to rest equally, so each is brought to rest once. */
import { createHash } from "node:crypto";
import type { World } from "./world.ts";

/** Of everything that is stored, and of what the oracle has found. */
export function fingerprintOf(world: World): string {
  const hash = createHash("sha256");
  for (const key of [...world.backend.objects.keys()].sort()) {
    hash.update(`\n${key}\n`).update(world.backend.objects.get(key) ?? "");
  }
  hash.update(JSON.stringify(world.backend.lease));
  for (const path of [...world.rows.keys()].sort()) {
    hash.update(path);
    for (const [name, line] of world.rows.get(path)?.lines ?? []) hash.update(`${name}@${line.newest}`);
  }
  hash.update(world.chronicle.violations.join("\n"));
  return hash.digest("hex");
}
