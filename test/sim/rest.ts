/**
 * Rest: brings a world to rest with healthy operators, one after another, and says everything that is wrong then (R1, R6,
 * A7, and all of invariants and claims). This is the liveness half of every universe: a healthy operator must converge.
 *
 * Sweep, sweep again (nothing may change), refresh, apply, apply again (nothing may change). After a ledger that was
 * lost or put back, either the first of them refuses and an import leaves that state, or nothing acknowledged is gone.
 */
import { LEASE_MS } from "../../lib/apply/limits.ts";
import { brokenClaims } from "./claims.ts";
import type { ConfigName } from "./configs.ts";
import { historyOf } from "./history.ts";
import { brokenInvariants } from "./invariants.ts";
import type { Report } from "./operators.ts";
import type { Scheduler } from "./scheduler.ts";
import type { PortsChange } from "./sim-ports.ts";
import { runSingle } from "./single.ts";
import type { Answer, Task } from "./tasks.ts";
import type { World } from "./world.ts";

export interface RestOptions {
  readonly config: ConfigName;
  readonly ports?: PortsChange | undefined;
  readonly cure?: ((world: World) => void) | undefined;
  readonly remedy?: Task | undefined;
  /** Told of each scheduler that has run, for counting. */
  readonly onRun?: (scheduler: Scheduler) => void;
}

export interface Rest {
  readonly violations: readonly string[];
  readonly trace: readonly string[];
}

const SETTLED = 5 * LEASE_MS;

export async function bringToRest(
  world: World,
  reports: readonly Report[],
  options: RestOptions,
): Promise<Rest> {
  const trace: string[] = [];
  const healers: Report[] = [];
  const broken: string[] = [];
  world.outage = null;
  world.nowMs += SETTLED;
  const heal = async (name: string, task: Task): Promise<Answer> => {
    const { report, scheduler } = await runSingle(world, name, task, { healthy: true, ports: options.ports });
    trace.push(...scheduler.trace.map((line) => `   ${line}`));
    options.onRun?.(scheduler);
    healers.push(report);
    return report.answer ?? NO_ANSWER;
  };
  const { config, remedy } = options;
  options.cure?.(world);
  if (remedy !== undefined) await heal("remedy", remedy);
  let swept = await heal("sweep1", { kind: "recover" });
  if (isDisrupted(swept)) {
    const imported = await heal("import", { kind: "import", config });
    if (imported.outcome !== "applied") broken.push(`R6 import ended ${describe(imported)}`);
    swept = await heal("sweep1b", { kind: "recover" });
  }
  // Only now has a range that another tool wrote its receipt, so only now can the history be followed.
  broken.push(...brokenClaims(world, historyOf(world), reports));
  if (isEmpty(swept))
    return { violations: [...broken, ...brokenInvariants(world, [...reports, ...healers])], trace };
  const before = storedText(world);
  const again = await heal("sweep2", { kind: "recover" });
  if (storedText(world) !== before || again.written) broken.push("R1 a second sweep changes something");
  const refreshed = await heal("refresh", { kind: "refresh", config });
  const applied = await heal("apply1", { kind: "apply", config });
  const rest = await heal("apply2", { kind: "apply", config });
  for (const [what, answer] of [
    ["sweep", swept],
    ["refresh", refreshed],
    ["apply", applied],
  ] as const) {
    if (answer.outcome === "refused" || answer.outcome === "unknown")
      broken.push(`R6 healthy ${what} ended ${describe(answer)}`);
  }
  if (rest.written || (rest.outcome !== "noop" && rest.outcome !== "partial")) {
    broken.push(`A7 the second healthy apply ended ${describe(rest)}`);
  }
  const all = [...reports, ...healers];
  broken.push(...brokenInvariants(world, all), ...brokenClaims(world, historyOf(world), healers));
  return { violations: [...new Set(broken)], trace };
}

const NO_ANSWER: Answer = { outcome: "unknown", written: false, converged: false, codes: ["no answer"] };

function isDisrupted(answer: Answer): boolean {
  return answer.codes.includes("state_rolled_back") || answer.codes.includes("state_lost");
}

/** There never was a ledger, so there is nothing to sweep, refresh or apply to. */
function isEmpty(answer: Answer): boolean {
  return answer.codes.includes("state_missing");
}

function describe(answer: Answer): string {
  return `${answer.outcome} (${answer.codes.join(", ")})`;
}

/** Everything that is stored but the records of holdings, which grow with every command. */
function storedText(world: World): string {
  const entries = [...world.backend.objects].filter(([key]) => !key.startsWith("__graphform/locks/"));
  return entries
    .map(([key, bytes]) => `${key}\0${Buffer.from(bytes).toString("latin1")}`)
    .sort()
    .join("\n");
}
