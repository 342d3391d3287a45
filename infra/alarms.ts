/**
 * Alarms: one for each symptom that a person must do something about, each saying what. Nothing alarms that mends
 * itself.
 */
import { Duration } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { Operation, type Table } from "aws-cdk-lib/aws-dynamodb";
import { FilterPattern, MetricFilter } from "aws-cdk-lib/aws-logs";
import type { Topic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import type { GraphformFunction } from "./graphform-function.ts";
import type { HttpApi } from "./http-api.ts";
import {
  ALARM_PERIOD_MINUTES,
  DEAD_LETTER_ALARM_MINUTES,
  MESSAGE_AGE_ALARM_MINUTES,
  SILENCE_MINUTES_MAX,
  SILENCE_MINUTES_MIN,
} from "./limits.ts";
import type { Queues } from "./queues.ts";

const PERIOD = Duration.minutes(ALARM_PERIOD_MINUTES);
const LEASE_OPERATIONS = [Operation.GET_ITEM, Operation.PUT_ITEM];

interface LoggedSymptom {
  readonly name: string;
  /** Filter of CloudWatch on the fields of a line. */
  readonly pattern: string;
  readonly act: string;
  /** Periods in a row; more than one where the schedule mends most of them. */
  readonly periods: number;
}

/** Lines of the log that mean that somebody has to look, and what to do then. */
export const LOGGED_SYMPTOMS: readonly LoggedSymptom[] = [
  {
    name: "ClusterBlocked",
    pattern: '{ $.event = "work.dead_letter" || $.codes = "cluster_blocked" }',
    act: "Runs could not be finished, however often they were tried. If the cluster is blocked, look at its runs, then unblock it.",
    periods: 1,
  },
  {
    name: "DeadLetterUndone",
    pattern: '{ $.event = "dead_letter.undone" }',
    act: "Runs could not be finished, and the cluster could not be marked as blocked either: the codes in the log say why.",
    periods: 1,
  },
  {
    name: "Unsettled",
    pattern: '{ $.event = "work.handled" && $.came_to = "later" }',
    act: "Work is left to the schedule again and again: the codes in the log say what keeps it from being settled.",
    periods: 3,
  },
  {
    name: "Stuck",
    pattern: '{ $.event = "work.stuck" }',
    act: "Something in a cluster waits for a person: an intent that no program can judge, a damaged ledger or graph, or the record of a run that is damaged or that a newer version wrote. The codes in the log name it; `graphform fsck --repair` lists the commands that help with ledger and graphs, and a newer version reads what it wrote.",
    periods: 1,
  },
  {
    name: "MessagesLost",
    pattern: '{ $.event = "notice.not_sent" || $.event = "prompt.not_sent" }',
    act: "Notices or prompts cannot be sent: people are not told, and runs begin only when the schedule finds them.",
    periods: 3,
  },
  {
    name: "ForgedMessages",
    pattern: '{ $.event = "work.message_ignored" || $.event = "work.dead_letter_ignored" }',
    act: "A queue holds messages that nobody of this deployment has sent: look who may send to it. Nothing was done because of them.",
    periods: 1,
  },
  {
    name: "AccessFailed",
    pattern: '{ $.event = "access.undecided" || $.event = "access.unrecorded" }',
    act: "Requests could not be decided, or decisions not recorded, so they were refused: the log says why.",
    periods: 1,
  },
  {
    name: "Defects",
    pattern: '{ $.event = "api.defect" || $.event = "message.defect" }',
    act: "A function met a defect; its log has the stack beside the id of the request or message.",
    periods: 1,
  },
];

/** The line of a tick that keeps watch. */
export const WATCHED = '{ $.event = "schedule.prompted" && $.kind = "watch" }';

export interface AlarmParts {
  readonly topic: Topic;
  readonly queues: Queues;
  readonly functions: readonly GraphformFunction[];
  readonly schedule: GraphformFunction;
  /** How often it watches. */
  readonly watch: string;
  readonly apis: readonly HttpApi[];
  readonly table: Table;
}

interface Symptom {
  readonly name: string;
  readonly act: string;
  readonly metric: IMetric;
  readonly threshold: number;
  /** One, if it does not say. */
  readonly periods?: number;
  /** Missing figures are good news unless they are the symptom. */
  readonly silence?: "breaching";
}

export class Alarms extends Construct {
  readonly alarms: readonly Alarm[];
  /** What the log tells, by name. */
  readonly logged: ReadonlyMap<string, IMetric>;

  constructor(scope: Construct, parts: AlarmParts) {
    super(scope, "Alarms");
    this.logged = new Map(
      LOGGED_SYMPTOMS.map((each) => [each.name, countLines(this, parts.functions, each)]),
    );
    const action = new SnsAction(parts.topic);
    const symptoms = [
      ...queueSymptoms(parts.queues),
      ...parts.functions.flatMap(functionSymptoms),
      ...this.#loggedSymptoms(),
      ...storeSymptoms(parts),
      silentSchedule(this, parts.schedule, parts.watch),
    ];
    this.alarms = symptoms.map(({ name, act, metric, threshold, periods, silence }) => {
      const below = silence === "breaching";
      const alarm = new Alarm(this, name, {
        alarmDescription: act,
        metric,
        threshold,
        evaluationPeriods: periods ?? 1,
        comparisonOperator: below
          ? ComparisonOperator.LESS_THAN_THRESHOLD
          : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: below ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
      });
      alarm.addAlarmAction(action);
      return alarm;
    });
  }

  #loggedSymptoms(): readonly Symptom[] {
    return LOGGED_SYMPTOMS.flatMap(({ name, act, periods }) => {
      const metric = this.logged.get(name);
      return metric === undefined ? [] : [{ name, act, metric, periods, threshold: 1 }];
    });
  }
}

function queueSymptoms({ applies, tasks, uploads }: Queues): readonly Symptom[] {
  const most = { period: PERIOD, statistic: Stats.MAXIMUM };
  return [
    ...Object.entries({ Applies: applies, Tasks: tasks, Uploads: uploads }).map(([name, { queue }]) => ({
      name: `${name}Age`,
      act: `A message of ${name} has waited for more than ${MESSAGE_AGE_ALARM_MINUTES} minutes: is its function throttled, or a run too long?`,
      metric: queue.metricApproximateAgeOfOldestMessage(most),
      threshold: MESSAGE_AGE_ALARM_MINUTES * 60,
    })),
    // These letters are handled by a function, in whose hands they are invisible; what counts is that they go.
    ...Object.entries({ Applies: applies, Tasks: tasks }).map(([name, { deadLetters }]) => ({
      name: `${name}DeadLetters`,
      act: `A dead letter of ${name} has not been handled for ${DEAD_LETTER_ALARM_MINUTES} minutes, so nobody may have been told what it stands for: see the log of dead-letter.`,
      metric: deadLetters.metricApproximateAgeOfOldestMessage(most),
      threshold: DEAD_LETTER_ALARM_MINUTES * 60,
    })),
    {
      name: "UploadsDeadLetters",
      act: "An upload could not be taken, and its message is a dead letter: see the log of intake, have the upload made again, and purge the dead letters. Nobody may move them back.",
      metric: uploads.deadLetters.metricApproximateNumberOfMessagesVisible(most),
      threshold: 1,
    },
  ];
}

function functionSymptoms({ name, lambda }: GraphformFunction): readonly Symptom[] {
  return [
    {
      name: `${name}-errors`,
      act: `The function ${name} failed or ran out of time: see its log. What it was doing is repeated.`,
      metric: lambda.metricErrors({ period: PERIOD }),
      threshold: 1,
    },
    {
      name: `${name}-throttles`,
      act: `The function ${name} was not allowed to run: ask for more concurrent executions in this account.`,
      metric: lambda.metricThrottles({ period: PERIOD }),
      threshold: 1,
    },
  ];
}

function storeSymptoms({ apis, table }: AlarmParts): readonly Symptom[] {
  return [
    ...apis.map(({ prefix, gateway }) => ({
      name: `${prefix}ApiFailures`,
      act: "The API answered with 5xx: see the access log, then the log of the function by request id.",
      metric: gateway.metricServerError({ period: PERIOD, statistic: Stats.SUM }),
      threshold: 1,
    })),
    {
      name: "LeaseThrottles",
      act: "DynamoDB throttles the lease table: runs wait. Look for a caller that asks in a loop.",
      metric: leaseMetric(table, "ThrottledRequests"),
      threshold: 1,
    },
    {
      name: "LeaseErrors",
      act: "DynamoDB fails: nobody gets a lease, so nothing is applied until it is back.",
      metric: leaseMetric(table, "SystemErrors"),
      threshold: 1,
    },
  ];
}

/** A figure of an operation that has had no trouble is missing; a sum with a missing part would be missing too. */
function leaseMetric(table: Table, metricName: string): IMetric {
  const figures = Object.fromEntries(
    LEASE_OPERATIONS.map((Operation) => [
      `m${Operation.toLowerCase()}`,
      table.metric(metricName, {
        period: PERIOD,
        statistic: Stats.SUM,
        dimensionsMap: { TableName: table.tableName, Operation },
      }),
    ]),
  );
  const expression = Object.keys(figures)
    .map((name) => `FILL(${name}, 0)`)
    .join(" + ");
  return new MathExpression({ expression, usingMetrics: figures, period: PERIOD });
}

/** Counted where the ticks themselves are: the function is also invoked to refresh. */
function silentSchedule(scope: Construct, { logs }: GraphformFunction, watch: string): Symptom {
  const minutes = silenceMinutes(watch);
  const filter = new MetricFilter(scope, "Watched", {
    logGroup: logs,
    metricNamespace: `Graphform/${scope.node.addr.slice(-8)}`,
    metricName: "Watched",
    metricValue: "1",
    filterPattern: FilterPattern.literal(WATCHED),
  });
  return {
    name: "ScheduleSilent",
    act: `Nothing has kept watch for ${minutes} minutes: is the schedule enabled? Crashed runs wait meanwhile. A new deployment says so until its first tick.`,
    metric: filter.metric({ period: Duration.minutes(minutes), statistic: Stats.SUM }),
    threshold: 1,
    silence: "breaching",
  };
}

const UNIT_MINUTES: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 24 * 60 };

/** Twice the pause between two ticks; of a cron expression it is not known. */
export function silenceMinutes(watch: string): number {
  const [, count, unit = ""] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(watch) ?? [];
  const pause = count === undefined ? SILENCE_MINUTES_MAX : Number(count) * (UNIT_MINUTES[unit] ?? 1);
  return Math.min(Math.max(2 * pause, SILENCE_MINUTES_MIN), SILENCE_MINUTES_MAX);
}

function countLines(
  scope: Construct,
  functions: readonly GraphformFunction[],
  { name: metricName, pattern }: LoggedSymptom,
): IMetric {
  const metricNamespace = `Graphform/${functions[0]?.node.addr.slice(-8) ?? ""}`;
  for (const { name, logs } of functions) {
    new MetricFilter(scope, `${metricName}-${name}`, {
      logGroup: logs,
      metricNamespace,
      metricName,
      metricValue: "1",
      filterPattern: FilterPattern.literal(pattern),
    });
  }
  return new Metric({ namespace: metricNamespace, metricName, period: PERIOD, statistic: Stats.SUM });
}
