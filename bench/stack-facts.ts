/** What the stack has that costs while nothing runs, counted in the template that CDK makes of it. */
import { WATCHED } from "../infra/alarms.ts";
import { at, testStack } from "../test/infra/stack.ts";

export interface StackFacts {
  /** Metrics that alarms look at: an alarm on a sum looks at several. */
  readonly alarms: number;
  readonly alarm_metrics: number;
  /** Metrics of our own that have figures in every hour: what each watch logs. Others have some when something happens. */
  readonly steady_metrics: number;
  readonly dashboards: number;
  readonly keys: number;
  readonly polled_fifo_queues: number;
  readonly polled_queues: number;
  readonly watch: string;
  readonly refresh: string;
  readonly reclaim: string;
}

/** Of the stack with all defaults and somebody to notify. */
export function stackFacts(): StackFacts {
  return factsOf(testStack({ notify: "platform@example.com" }).template.toJSON());
}

/** `template`: of CloudFormation, as JSON. */
export function factsOf(template: unknown): StackFacts {
  const resources = Object.entries((at(template, "Resources") ?? {}) as Record<string, unknown>);
  const ofType = (type: string) => resources.filter(([, each]) => at(each, "Type") === type);
  const properties = (type: string) => ofType(type).map(([, each]) => at(each, "Properties"));
  const fifo = new Set(
    ofType("AWS::SQS::Queue").flatMap(([id, each]) =>
      at(each, "Properties", "FifoQueue") === true ? [id] : [],
    ),
  );
  const polled = properties("AWS::Lambda::EventSourceMapping").map((each) =>
    String(at(each, "EventSourceArn", "Fn::GetAtt", 0)),
  );
  const alarms = properties("AWS::CloudWatch::Alarm");
  const schedule = (kind: string) =>
    properties("AWS::Scheduler::Schedule").find((each) =>
      String(at(each, "Description")).endsWith(` to ${kind}`),
    );
  return {
    alarms: alarms.length,
    alarm_metrics: alarms.reduce<number>((sum, each) => sum + metricsOf(each), 0),
    steady_metrics: properties("AWS::Logs::MetricFilter").filter(
      (each) => at(each, "FilterPattern") === WATCHED,
    ).length,
    dashboards: ofType("AWS::CloudWatch::Dashboard").length,
    keys: ofType("AWS::KMS::Key").length,
    polled_fifo_queues: polled.filter((id) => fifo.has(id)).length,
    polled_queues: polled.filter((id) => !fifo.has(id)).length,
    watch: String(at(schedule("watch"), "ScheduleExpression")),
    refresh: String(at(schedule("refresh"), "ScheduleExpression")),
    reclaim: String(at(schedule("reclaim"), "ScheduleExpression")),
  };
}

function metricsOf(alarm: unknown): number {
  const metrics = at(alarm, "Metrics");
  if (!Array.isArray(metrics)) return 1;
  return metrics.filter((each) => at(each, "MetricStat") !== undefined).length;
}
