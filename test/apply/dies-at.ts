/** An apply whose process dies at one of its writes; then its lease runs out. */
import { expect } from "vitest";
import { apply, type Config, openClient, type World } from "./cluster.ts";
import { interfering } from "./faults.ts";
import type { Fate } from "./interference.ts";

/** Longer than any lease. */
export const DEAD_LEASE_MS = 120_000;

/** Dies at the n-th write of a key like this, before or after it acts. */
export async function diesAt(
  world: World,
  config: () => Config,
  key: RegExp,
  nth = 1,
  fate: "die_before" | "die_after" = "die_after",
): Promise<void> {
  let seen = 0;
  let dead = false;
  let die: (value: null) => void = () => undefined;
  const died = new Promise<null>((resolve) => {
    die = resolve;
  });
  const client = openClient(
    world,
    interfering((call): Fate => {
      if (dead) return "die_before";
      if (!call.writes || !key.test(call.key)) return "act";
      seen += 1;
      if (seen !== nth) return "act";
      dead = true;
      setImmediate(() => die(null));
      return fate;
    }),
  );
  expect(await Promise.race([apply(client, config()), died])).toBeNull();
  world.clock.advance(DEAD_LEASE_MS);
}
