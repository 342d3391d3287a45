/** Every symptom that somebody must be told of, from the figure that shows it to who is told. */
import { Match, type Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, it } from "vitest";
import { HANDLER_NAMES } from "../../infra/handler-name.ts";
import { at, testStack } from "./stack.ts";

let template: Template;
beforeAll(() => {
  template = testStack().template;
}, 120_000);

/** The ticks that keep watch are counted where they are. */
const WATCH = 'Watched { $.event = "schedule.prompted" && $.kind = "watch" }';

/** Reads `figure of what, comparison threshold x periods, missing data`. */
function shown(alarm: unknown): string {
  const of = (...path: readonly (string | number)[]) => at(alarm, "Properties", ...path);
  const [figure, dimension] = [
    of("MetricName") ?? of("Metrics", 1, "MetricStat", "Metric", "MetricName"),
    of("Dimensions", 0, "Value") ?? of("Metrics", 1, "MetricStat", "Metric", "Dimensions", 1, "Value"),
  ];
  const id = String(at(dimension, "Fn::GetAtt", 0) ?? at(dimension, "Ref") ?? "log").replace(
    /[0-9A-F]{8}$/,
    "",
  );
  const compared = of("ComparisonOperator") === "LessThanThreshold" ? "<" : ">=";
  const missing = of("TreatMissingData") === "breaching" ? "missing is bad" : "missing is good";
  return `${figure} of ${id} ${compared} ${of("Threshold")} x ${of("EvaluationPeriods")}, ${missing}`;
}

describe("the alarms", () => {
  it("look at each queue, function, store and line of the log, and at nothing twice", () => {
    const once = (text: string) => `${text} x 1, missing is good`;
    const queues = [
      ...["Applies", "Tasks", "Uploads"].map(
        (name) => `ApproximateAgeOfOldestMessage of Queues${name} >= 3600`,
      ),
      ...["Applies", "Tasks"].map(
        (name) => `ApproximateAgeOfOldestMessage of Queues${name}DeadLetters >= 900`,
      ),
      "ApproximateNumberOfMessagesVisible of QueuesUploadsDeadLetters >= 1",
    ].map(once);
    const functions = HANDLER_NAMES.flatMap((name) => {
      const id = name.replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());
      return ["Errors", "Throttles"].map((figure) => once(`${figure} of Functions${id}Function >= 1`));
    });
    const others = [
      once("ClusterBlocked of log >= 1"),
      once("DeadLetterUndone of log >= 1"),
      "Unsettled of log >= 1 x 3, missing is good",
      once("Stuck of log >= 1"),
      "MessagesLost of log >= 1 x 3, missing is good",
      once("ForgedMessages of log >= 1"),
      once("AccessFailed of log >= 1"),
      once("Defects of log >= 1"),
      once("5xx of HttpApiGateway >= 1"),
      once("ThrottledRequests of LeaseTable >= 1"),
      once("SystemErrors of LeaseTable >= 1"),
      "Watched of log < 1 x 1, missing is bad",
    ];
    const alarms = Object.values(template.findResources("AWS::CloudWatch::Alarm")).map(shown);

    expect(alarms.sort()).toEqual([...queues, ...functions, ...others].sort());
  });

  it("count in every function's log each of the lines that mean that somebody has to look", () => {
    const filters = Object.values(template.findResources("AWS::Logs::MetricFilter")).map((each) => {
      const log = String(at(each, "Properties", "LogGroupName", "Ref")).replace(/Logs[0-9A-F]{8}$/, "");
      const figure = at(each, "Properties", "MetricTransformations", 0, "MetricName");
      return [`${figure} ${at(each, "Properties", "FilterPattern")}`, log] as const;
    });
    const logs = HANDLER_NAMES.map(
      (name) => `Functions${name.replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase())}`,
    ).sort();

    expect([...new Set(filters.map(([pattern]) => pattern))].sort()).toEqual([
      'AccessFailed { $.event = "access.undecided" || $.event = "access.unrecorded" }',
      'ClusterBlocked { $.event = "work.dead_letter" || $.codes = "cluster_blocked" }',
      'DeadLetterUndone { $.event = "dead_letter.undone" }',
      'Defects { $.event = "api.defect" || $.event = "message.defect" }',
      'ForgedMessages { $.event = "work.message_ignored" || $.event = "work.dead_letter_ignored" }',
      'MessagesLost { $.event = "notice.not_sent" || $.event = "prompt.not_sent" }',
      'RunsEnded { $.event = "run.ended" }',
      'Stuck { $.event = "work.stuck" }',
      'Unsettled { $.event = "work.handled" && $.came_to = "later" }',
      WATCH,
    ]);
    for (const pattern of new Set(filters.map(([each]) => each))) {
      const where = pattern === WATCH ? ["FunctionsSchedule"] : logs;
      expect(filters.flatMap(([each, log]) => (each === pattern ? [log] : [])).sort(), pattern).toEqual(
        where,
      );
    }
  });

  it("may publish to their encrypted topic, and only those of this account", () => {
    const own = { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } };
    const alarms = { Effect: "Allow", Principal: { Service: "cloudwatch.amazonaws.com" }, Condition: own };
    template.hasResourceProperties("AWS::KMS::Key", {
      EnableKeyRotation: true,
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({ ...alarms, Action: ["kms:Decrypt", "kms:GenerateDataKey*"] }),
        ]),
      },
    });
    template.hasResourceProperties("AWS::SNS::TopicPolicy", {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({ ...alarms, Action: "sns:Publish" })]),
      },
    });
  });
});

describe("the dashboard", () => {
  it("draws what waits, works, fails and ended for every queue and function", () => {
    const body = JSON.stringify(
      at(
        Object.values(template.findResources("AWS::CloudWatch::Dashboard"))[0],
        "Properties",
        "DashboardBody",
      ),
    );
    const queues = Object.keys(template.findResources("AWS::SQS::Queue"));
    const functions = Object.keys(template.findResources("AWS::Lambda::Function"));

    for (const id of [...queues, ...functions]) expect(body).toContain(id);
    for (const outcome of ["applied", "refused", "unknown"]) expect(body).toContain(outcome);
  });
});

describe("the metrics of the API", () => {
  it("are those that it has anyway: none of its routes, for which each route would be paid", () => {
    const stages = Object.values(template.findResources("AWS::ApiGatewayV2::Stage"));
    const alarms = Object.values(template.findResources("AWS::CloudWatch::Alarm"));
    const failures = alarms.filter((each) => at(each, "Properties", "MetricName") === "5xx");

    expect(
      stages.map((each) => at(each, "Properties", "DefaultRouteSettings", "DetailedMetricsEnabled")),
    ).toEqual([undefined]);
    expect(failures.map((each) => at(each, "Properties", "Dimensions"))).toMatchObject([[{ Name: "ApiId" }]]);
  });
});

describe("the schedules", () => {
  it("are at work, at the pace of the inputs", () => {
    const schedules = Object.values(template.findResources("AWS::Scheduler::Schedule")).map((each) => [
      at(each, "Properties", "State"),
      at(each, "Properties", "ScheduleExpression"),
      at(each, "Properties", "Target", "Input"),
    ]);

    expect(schedules.sort()).toEqual([
      ["ENABLED", "rate(1 day)", '{"format_version":1,"kind":"reclaim"}'],
      ["ENABLED", "rate(1 hour)", '{"format_version":1,"kind":"refresh"}'],
      ["ENABLED", "rate(5 minutes)", '{"format_version":1,"kind":"watch"}'],
    ]);
  });
});
