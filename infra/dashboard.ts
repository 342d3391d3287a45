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
import type { RunMetrics } from "./run-metrics.ts";

export interface DashboardParts {
  readonly alarms: Alarms;
  readonly runs: RunMetrics;
  readonly queues: Queues;
  readonly functions: readonly GraphformFunction[];
  readonly apis: readonly HttpApi[];
}

export function dashboard(scope: Construct, parts: DashboardParts): Dashboard {
  const { alarms, runs, queues, functions, apis } = parts;
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
        row(
          "Requests",
          apis.flatMap((api) => [
            api.gateway.metricCount(labelled(apis, api, "requests")),
            api.gateway.metricClientError(labelled(apis, api, "4xx")),
            api.gateway.metricServerError(labelled(apis, api, "5xx")),
          ]),
        ),
        row(
          "Answer after",
          apis.map((api) =>
            api.gateway.metricLatency({ statistic: "p99", ...labelled(apis, api, "latency") }),
          ),
        ),
        row("Told by the log", [...alarms.logged.values()]),
      ],
      [row("Runs that ended", runs.ended)],
    ],
  });
}

const CALLERS = { iam: "IAM", jwt: "tokens" } as const;

/** Of two, each line says whose requests it draws. */
function labelled(apis: readonly HttpApi[], { kind }: HttpApi, what: string): { readonly label?: string } {
  return apis.length === 1 ? {} : { label: `${CALLERS[kind]}: ${what}` };
}
