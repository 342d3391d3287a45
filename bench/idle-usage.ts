/** What a deployment takes in a month in which nobody asks it for anything. Pure. */
import { MONTH_HOURS, POLL_S, POLLERS } from "./cost-assumptions.ts";
import type { StackFacts } from "./stack-facts.ts";
import { sumOf, times, type Usage } from "./usage.ts";

const HOUR_S = 3_600;
const UNIT_HOURS: Readonly<Record<string, number>> = { minute: 1 / 60, hour: 1, day: 24 };

/** What was counted of the schedule, each with the cold starts that fall on it. */
export interface ScheduledWork {
  /** One tick of the schedule, for all clusters. */
  readonly watch_tick: Usage;
  readonly refresh_tick: Usage;
  readonly reclaim_tick: Usage;
  /** What the worker does for one cluster then. */
  readonly watch: Usage;
  readonly refresh: Usage;
  readonly reclaim: Usage;
}

/** The parts of the base, so that each can be told apart. */
export interface IdleUsage {
  /** Alarms, metrics, dashboard, key: there whatever happens. */
  readonly standing: Usage;
  /** Requests that find no message. */
  readonly polling: Usage;
  readonly watching: Usage;
  readonly refreshing: Usage;
  readonly reclaiming: Usage;
  /** Items of the lease table and their recovery. */
  readonly leases: Usage;
}

export function idleUsage(
  facts: StackFacts,
  work: ScheduledWork,
  clusters: number,
  leaseBytes: number,
): IdleUsage {
  const scheduled = (rate: string, tick: Usage, each: Usage) =>
    times(ticksAMonth(rate), sumOf({ schedule_ticks: 1 }, tick, times(clusters, each)));
  const leaseGb = (clusters * leaseBytes) / 1e9;
  return {
    standing: standingUsage(facts),
    polling: {
      sqs_fifo_requests: facts.polled_fifo_queues * pollsAMonth(),
      sqs_requests: facts.polled_queues * pollsAMonth(),
    },
    watching: scheduled(facts.watch, work.watch_tick, work.watch),
    refreshing: scheduled(facts.refresh, work.refresh_tick, work.refresh),
    reclaiming: scheduled(facts.reclaim, work.reclaim_tick, work.reclaim),
    leases: { dynamodb_gb_months: leaseGb, dynamodb_recovery_gb_months: leaseGb },
  };
}

export function standingUsage({ alarm_metrics, steady_metrics, dashboards, keys }: StackFacts): Usage {
  return { alarm_metrics, custom_metrics: steady_metrics, dashboards, keys };
}

/** Of one queue that Lambda waits at. */
export function pollsAMonth(): number {
  return POLLERS * ((MONTH_HOURS * HOUR_S) / POLL_S);
}

/** Of an expression such as `rate(5 minutes)`; a cron expression has no rate that is known. */
export function ticksAMonth(expression: string): number {
  const [, count, unit = ""] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const hours = Number(count) * (UNIT_HOURS[unit] ?? Number.NaN);
  if (!(hours > 0)) throw new Error(`${expression} says no rate`);
  return MONTH_HOURS / hours;
}
