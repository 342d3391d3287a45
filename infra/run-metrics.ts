/**
 * RunMetrics: how many runs ended, by what they came to. Counted by filters on lines that the functions log anyway, so
 * that no function carries a second format and a library for it.
 */
import { Duration } from "aws-cdk-lib";
import { type IMetric, Metric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { FilterPattern, MetricFilter } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { RUN_OUTCOMES } from "../lib/apply/runs/run-record.ts";
import type { GraphformFunction } from "./graphform-function.ts";
import { ALARM_PERIOD_MINUTES } from "./limits.ts";

/** The line that says that a run has ended. */
export const RUN_ENDED = '{ $.event = "run.ended" }';

const METRIC = "RunsEnded";

export class RunMetrics extends Construct {
  readonly ended: readonly IMetric[];

  constructor(scope: Construct, functions: readonly GraphformFunction[]) {
    super(scope, "RunMetrics");
    const metricNamespace = `Graphform/${this.node.addr.slice(-8)}`;
    for (const { name, logs } of functions) {
      new MetricFilter(this, `${METRIC}-${name}`, {
        logGroup: logs,
        metricNamespace,
        metricName: METRIC,
        metricValue: "1",
        filterPattern: FilterPattern.literal(RUN_ENDED),
        dimensions: { outcome: "$.outcome" },
      });
    }
    this.ended = RUN_OUTCOMES.map(
      (outcome) =>
        new Metric({
          namespace: metricNamespace,
          metricName: METRIC,
          dimensionsMap: { outcome },
          label: outcome,
          period: Duration.minutes(ALARM_PERIOD_MINUTES),
          statistic: Stats.SUM,
        }),
    );
  }
}
