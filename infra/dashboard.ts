/**
 * Dashboard: what is waiting, what is at work, what fails; one row a question. It has no name of its own choosing: names of
 * dashboards are the account's and not the region's, so a second deployment would replace the first one's.
 */
import { AlarmStatusWidget, Dashboard, GraphWidget, type IMetric } from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";
import type { Alarms } from "./alarms.ts";
import type { GraphformFunction } from "./graphform-function.ts";
import type { HttpApi } from "./http-api.ts";
import type { Queues } from "./queues.ts";

export interface DashboardParts {
  readonly alarms: Alarms;
  readonly queues: Queues;
  readonly functions: readonly GraphformFunction[];
  readonly api: HttpApi;
}

export function dashboard(scope: Construct, parts: DashboardParts): Dashboard {
  const { alarms, queues, functions, api } = parts;
  const pairs = [queues.applies, queues.tasks, queues.uploads];
  const each = (metric: (made: GraphformFunction) => IMetric) => functions.map(metric);
  const row = (title: string, left: readonly IMetric[]) =>
    new GraphWidget({ title, left: [...left], width: 8 });
  return new Dashboard(scope, "Dashboard", {
    widgets: [
      [new AlarmStatusWidget({ title: "What somebody must do", alarms: [...alarms.alarms], width: 24 })],
      [
        row(
          "Waiting",
          pairs.map(({ queue }) => queue.metricApproximateNumberOfMessagesVisible()),
        ),
        row(
          "Longest wait",
          pairs.map(({ queue }) => queue.metricApproximateAgeOfOldestMessage()),
        ),
        row(
          "Dead",
          pairs.map(({ deadLetters }) => deadLetters.metricApproximateNumberOfMessagesVisible()),
        ),
      ],
      [
        row(
          "At work",
          each(({ lambda }) => lambda.metricInvocations()),
        ),
        row(
          "How long",
          each(({ lambda }) => lambda.metricDuration({ statistic: "p99" })),
        ),
        row(
          "Failures",
          each(({ lambda }) => lambda.metricErrors()),
        ),
      ],
      [
        row("Requests", [
          api.gateway.metricCount(),
          api.gateway.metricClientError(),
          api.gateway.metricServerError(),
        ]),
        row("Answer after", [api.gateway.metricLatency({ statistic: "p99" })]),
        row("Told by the log", [...alarms.logged.values()]),
      ],
    ],
  });
}
