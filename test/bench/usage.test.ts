/** The arithmetic of the bench of costs: every figure of it is worked out by hand here. */
import { describe, expect, it } from "vitest";
import { PRICES } from "../../bench/aws-prices.ts";
import { idleUsage, pollsAMonth, ticksAMonth } from "../../bench/idle-usage.ts";
import { methodOf } from "../../bench/lance-requests.ts";
import { factsOf, type StackFacts } from "../../bench/stack-facts.ts";
import { dollarsByService, dollarsOf, sumOf, times } from "../../bench/usage.ts";
import { waitingFor } from "../../bench/waiting.ts";
import {
  type CountedWork,
  gbSeconds,
  invocationUsage,
  processorMs,
  requestUsage,
  workMs,
} from "../../bench/work-usage.ts";
import { WATCHED } from "../../infra/alarms.ts";
import { API_MEMORY_MB, GRAPH_MEMORY_MB } from "../../infra/limits.ts";

const NO_WORK: CountedWork = {
  calls: new Map(),
  chain: 0,
  cpu_ms: 0,
  bytes_written: 0,
  log_lines: 0,
  log_bytes: 0,
  lease_bytes: 0,
};

describe("usage", () => {
  it("adds up by resource and is paid for by the units of its price", () => {
    const usage = sumOf({ s3_reads: 1_500, s3_writes: 100 }, times(3, { s3_reads: 500, keys: 1 }));

    expect(usage).toEqual({ s3_reads: 3_000, s3_writes: 100, keys: 3 });
    expect(dollarsOf(usage)).toBeCloseTo(0.0012 + 0.0005 + 3, 10);
    expect([...dollarsByService(usage).keys()]).toEqual(["s3", "kms"]);
  });

  it("costs nothing for nothing", () => {
    expect(dollarsOf(sumOf())).toBe(0);
  });

  it("has a page that each price is from", () => {
    for (const price of Object.values(PRICES)) expect(price.source).toMatch(/^aws\.amazon\.com\//);
  });
});

describe("the time of a function", () => {
  it("is paid for with all the memory that the stack gives it", () => {
    expect(gbSeconds(1_000, GRAPH_MEMORY_MB)).toBe(2.9375);
    expect(gbSeconds(1_000, API_MEMORY_MB)).toBe(1);
  });

  it("is an assumed answer for each link of the chain, and processor time that a small function has a share of", () => {
    expect(workMs({ chain: 4, cpu_ms: 100 }, GRAPH_MEMORY_MB)).toBe(200);
    expect(processorMs(100, 3_538)).toBe(100);
    expect(processorMs(100, 884.5)).toBe(200);
  });
});

describe("the requests of counted work", () => {
  it("are those of the services behind the ports, and removals are free", () => {
    const calls = new Map([
      ["store.get", 3],
      ["store.list", 2],
      ["store.putIfAbsent", 4],
      ["store.replace", 1],
      ["store.remove", 5],
      ["records.get", 1],
      ["tasks.send", 1],
      ["applies.send", 2],
      ["notices.publish", 1],
    ]);

    expect(requestUsage({ calls, lease_bytes: 0 })).toMatchObject({
      s3_reads: 4,
      s3_writes: 7,
      sqs_fifo_requests: 3,
      sns_requests: 1,
      sns_emails: 1,
      key_requests: 1,
    });
  });

  it("read and write the item of the lease by its size", () => {
    const calls = new Map([
      ["lease.acquire", 1],
      ["lease.release", 1],
      ["lease.read", 1],
    ]);

    expect(requestUsage({ calls, lease_bytes: 2_000 })).toEqual({ dynamodb_reads: 3, dynamodb_writes: 6 });
    expect(requestUsage({ calls, lease_bytes: 4_000 })).toEqual({ dynamodb_reads: 6, dynamodb_writes: 10 });
  });

  it("are never taken to be free because nobody knows them", () => {
    const unknown = (name: string) => () => requestUsage({ calls: new Map([[name, 1]]), lease_bytes: 0 });
    expect(unknown("store.copy")).toThrow("copy");
    expect(unknown("mail.send")).toThrow("mail.send");
  });

  it("come with one invocation, its time, its lines and what it leaves", () => {
    const usage = invocationUsage(
      { ...NO_WORK, chain: 40, bytes_written: 2e9, log_lines: 2, log_bytes: 1_600 },
      1_024,
    );

    expect(usage).toMatchObject({ lambda_requests: 1, lambda_gb_s: 1, traces: 1, s3_gb_months: 2 });
    expect(usage.log_gb).toBeCloseTo((1_200 + 1_600 + 2 * 600) / 1e9, 15);
  });

  it("are told of Lance by what they cost", () => {
    expect(methodOf({ method: "GET", path: "/b?list-type=2&prefix=a.lance%2F" })).toBe("list");
    expect(methodOf({ method: "GET", path: "/b/a.lance/data/x" })).toBe("get");
    expect(methodOf({ method: "HEAD", path: "/b/a.lance/data/x" })).toBe("head");
    expect(methodOf({ method: "PUT", path: "/b/a.lance/data/x" })).toBe("putIfAbsent");
    expect(methodOf({ method: "DELETE", path: "/b/a.lance/data/x" })).toBe("remove");
  });
});

describe("waiting for a run", () => {
  it.each([
    ["is over at the first early question", 100, { questions: 1, held_ms: 0, looks: 0 }],
    ["is over at the second", 151, { questions: 2, held_ms: 0, looks: 0 }],
    ["is over at the last early question", 1_050, { questions: 3, held_ms: 0, looks: 0 }],
    [
      "holds one question until the first look after its end",
      2_100,
      { questions: 4, held_ms: 2_000, looks: 2 },
    ],
    ["holds one question to its end", 21_050, { questions: 4, held_ms: 20_000, looks: 20 }],
    ["asks again after that", 21_051, { questions: 5, held_ms: 21_000, looks: 21 }],
    ["holds a question all the time of a long run", 61_050, { questions: 6, held_ms: 60_000, looks: 60 }],
  ])("%s", (_what, runMs, expected) => {
    expect(waitingFor(runMs)).toEqual(expected);
  });
});

const FACTS: StackFacts = {
  alarms: 3,
  alarm_metrics: 4,
  steady_metrics: 1,
  dashboards: 1,
  keys: 1,
  polled_fifo_queues: 4,
  polled_queues: 1,
  watch: "rate(5 minutes)",
  refresh: "rate(1 hour)",
  reclaim: "rate(1 day)",
};

describe("a month of nothing", () => {
  it("has as many ticks as the rate says", () => {
    expect(ticksAMonth("rate(5 minutes)")).toBeCloseTo(8_760, 6);
    expect(ticksAMonth("rate(1 hour)")).toBe(730);
    expect(ticksAMonth("rate(1 day)")).toBeCloseTo(730 / 24, 6);
    expect(() => ticksAMonth("cron(0 3 * * ? *)")).toThrow("no rate");
  });

  it("asks each polled queue five times in twenty seconds", () => {
    expect(pollsAMonth()).toBe(657_000);
  });

  it("grows with the clusters in what is done for each, and in nothing else", () => {
    const work = {
      watch_tick: { s3_writes: 1 },
      refresh_tick: { s3_writes: 2 },
      reclaim_tick: { s3_writes: 3 },
      watch: { s3_reads: 10 },
      refresh: { dynamodb_writes: 5 },
      reclaim: { s3_reads: 24 },
    };
    const [one, many] = [idleUsage(FACTS, work, 1, 500), idleUsage(FACTS, work, 100, 500)];

    expect(many.standing).toEqual({ alarm_metrics: 4, custom_metrics: 1, dashboards: 1, keys: 1 });
    expect(many.standing).toEqual(one.standing);
    expect(many.polling).toEqual({ sqs_fifo_requests: 2_628_000, sqs_requests: 657_000 });
    expect(one.watching.s3_writes).toBeCloseTo(8_760, 6);
    expect(many.watching.s3_writes).toBeCloseTo(8_760, 6);
    expect(many.watching.s3_reads).toBeCloseTo(100 * 10 * 8_760, 4);
    expect(many.watching.schedule_ticks).toBeCloseTo(8_760, 6);
    expect(many.refreshing).toMatchObject({ s3_writes: 1_460, dynamodb_writes: 365_000 });
    expect(many.reclaiming.s3_writes).toBeCloseTo((3 * 730) / 24, 6);
    expect(many.reclaiming.s3_reads).toBeCloseTo(100 * 730, 6);
    expect(many.leases.dynamodb_gb_months).toBeCloseTo(50_000 / 1e9, 15);
  });
});

describe("the facts of the stack", () => {
  it("are counted in the template: each metric of an alarm and each that always has figures, and each polled queue by its kind", () => {
    const Metrics = [
      { Id: "sum", Expression: "a + b" },
      { Id: "a", MetricStat: {} },
      { Id: "b", MetricStat: {} },
    ];
    const mapping = (id: string) => ({
      Type: "AWS::Lambda::EventSourceMapping",
      Properties: { EventSourceArn: { "Fn::GetAtt": [id, "Arn"] } },
    });
    const schedule = (kind: string, ScheduleExpression: string) => ({
      Type: "AWS::Scheduler::Schedule",
      Properties: { Description: `Prompts every cluster to ${kind}`, ScheduleExpression },
    });
    const template = {
      Resources: {
        Plain: { Type: "AWS::CloudWatch::Alarm", Properties: { MetricName: "Errors" } },
        Sum: { Type: "AWS::CloudWatch::Alarm", Properties: { Metrics } },
        Board: { Type: "AWS::CloudWatch::Dashboard", Properties: {} },
        Key: { Type: "AWS::KMS::Key", Properties: {} },
        Fifo: { Type: "AWS::SQS::Queue", Properties: { FifoQueue: true } },
        Standard: { Type: "AWS::SQS::Queue", Properties: {} },
        M1: mapping("Fifo"),
        M2: mapping("Fifo"),
        M3: mapping("Standard"),
        Watch: schedule("watch", "rate(5 minutes)"),
        Refresh: schedule("refresh", "rate(1 hour)"),
        Reclaim: schedule("reclaim", "rate(1 day)"),
        Watched: { Type: "AWS::Logs::MetricFilter", Properties: { FilterPattern: WATCHED } },
        Rare: { Type: "AWS::Logs::MetricFilter", Properties: { FilterPattern: '{ $.event = "x" }' } },
      },
    };

    expect(factsOf(template)).toEqual({
      alarms: 2,
      alarm_metrics: 3,
      steady_metrics: 1,
      dashboards: 1,
      keys: 1,
      polled_fifo_queues: 2,
      polled_queues: 1,
      watch: "rate(5 minutes)",
      refresh: "rate(1 hour)",
      reclaim: "rate(1 day)",
    });
  });
});
