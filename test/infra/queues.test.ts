/** The queues of the stack: how long they hide a message, where dead ones go, and who may send. */
import type { Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, it } from "vitest";
import { evaluate, statementsOf } from "./policy-evaluator.ts";
import { at, testStack } from "./stack.ts";

let template: Template;
beforeAll(() => {
  template = testStack({ worker_minutes: 15 }).template;
}, 120_000);

const properties = (type: string): readonly Readonly<Record<string, unknown>>[] =>
  Object.values(template.findResources(type)).map((each) => each["Properties"]);

describe("queues", () => {
  it("hide a message at least six times as long as the function that takes it may last", () => {
    const queues = template.findResources("AWS::SQS::Queue");
    const functions = template.findResources("AWS::Lambda::Function");
    const mappings = properties("AWS::Lambda::EventSourceMapping");

    expect(mappings).toHaveLength(5);
    for (const mapping of mappings) {
      const queue = queues[String(at(mapping, "EventSourceArn", "Fn::GetAtt", 0))];
      const lambda = functions[String(at(mapping, "FunctionName", "Ref"))];
      const timeout = Number(at(lambda, "Properties", "Timeout"));
      expect(timeout).toBeGreaterThan(0);
      expect(at(queue, "Properties", "VisibilityTimeout")).toBeGreaterThanOrEqual(6 * timeout);
      expect(mapping).toMatchObject({ BatchSize: 1, FunctionResponseTypes: ["ReportBatchItemFailures"] });
    }
  });

  it("each have a dead-letter queue of their kind", () => {
    const queues = template.findResources("AWS::SQS::Queue");
    const live = properties("AWS::SQS::Queue").filter((each) => each["RedrivePolicy"] !== undefined);

    expect(live).toHaveLength(3);
    for (const queue of live) {
      expect(at(queue, "RedrivePolicy", "maxReceiveCount")).toBe(5);
      const dead = queues[String(at(queue, "RedrivePolicy", "deadLetterTargetArn", "Fn::GetAtt", 0))];
      expect(at(dead, "Properties", "FifoQueue")).toBe(queue["FifoQueue"]);
      expect(at(dead, "Properties", "MessageRetentionPeriod")).toBeGreaterThan(
        Number(queue["MessageRetentionPeriod"]),
      );
    }
  });
});

describe("what the outside may do to a queue", () => {
  it("is to announce uploads, and that only from this account", () => {
    const statements = properties("AWS::SQS::QueuePolicy").flatMap((each) =>
      [at(each, "PolicyDocument", "Statement")].flat(),
    );
    const allowed = statements.filter((each) => at(each, "Effect") === "Allow");

    expect(allowed).toHaveLength(1);
    expect(allowed[0]).toMatchObject({
      Principal: { Service: "s3.amazonaws.com" },
      Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } },
    });
    expect(JSON.stringify(at(allowed[0], "Resource"))).toContain("QueuesUploads");
  });

  it("leaves nobody but a service the right to say who has sent an upload", () => {
    const everything = {
      sid: "Administrator",
      effect: "Allow",
      actions: ["*"],
      resources: ["*"],
      notResources: null,
      conditions: {},
    } as const;
    const guards = properties("AWS::SQS::QueuePolicy").flatMap((each) =>
      statementsOf(each["PolicyDocument"]),
    );
    const verdict = (queue: string, isService: boolean) => {
      const keys = { "aws:SecureTransport": "true", "aws:PrincipalIsAWSService": String(isService) };
      const denies = guards.filter(({ effect }) => effect === "Deny");
      return evaluate([everything, ...denies], { action: "sqs:SendMessage", resource: queue, keys });
    };
    const arnOf = (name: string) => {
      const ids = Object.keys(template.findResources("AWS::SQS::Queue"));
      return `<${ids.find((id) => new RegExp(`^Queues${name}[0-9A-F]{8}$`).test(id))}.Arn>`;
    };

    expect(verdict(arnOf("Uploads"), true)).toBe("allowed");
    expect(verdict(arnOf("Uploads"), false)).toBe("denied by OnlyServicesSend");
    // Functions of the deployment send to these, and what they send only prompts.
    for (const name of ["Applies", "Tasks"]) expect(verdict(arnOf(name), false)).toBe("allowed");
  });
});
