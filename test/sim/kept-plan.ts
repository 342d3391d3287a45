/** A plan that somebody has made and kept, for others to apply. */
import { planCluster } from "../../lib/apply/planning/plan-cluster.ts";
import type { PlanDocument } from "../../lib/plan/plan-document.ts";
import { asker } from "./commands.ts";
import type { ConfigName } from "./configs.ts";
import { NO_FAULTS } from "./fates.ts";
import { createScheduler } from "./scheduler.ts";
import { openPorts } from "./sim-ports.ts";
import type { World } from "./world.ts";

/** Null if none can be made in this world. */
export async function keptPlan(world: World, config: ConfigName): Promise<PlanDocument | null> {
  const scheduler = createScheduler(world, { seed: 1, faults: NO_FAULTS });
  const ports = openPorts(scheduler, scheduler.actor("planner", { healthy: true }));
  const command = { ...asker(config), targets: null, keep: true };
  const [made] = await Promise.all([planCluster(ports, command), scheduler.run()]);
  return made.plan;
}
