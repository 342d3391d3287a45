/**
 * Schedules: what keeps watch. Watching goes on with what a crash or a lost message left open; refreshing compares
 * every graph with the ledger; reclaiming takes away what nothing needs any more. A tick that comes twice or never changes
 * nothing: it only prompts.
 */
import { Aws, Duration, RemovalPolicy } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Schedule, ScheduleExpression, ScheduleGroup, ScheduleTargetInput } from "aws-cdk-lib/aws-scheduler";
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets";
import { Construct } from "constructs";
import { SCHEDULED_KINDS } from "../lib/worker/work-message.ts";
import type { GraphformFunction } from "./graphform-function.ts";
import type { Inputs } from "./inputs.ts";

export const SCHEDULE_EVENT_FORMAT_VERSION = 1;

export class Schedules extends Construct {
  constructor(scope: Construct, inputs: Inputs, { lambda }: GraphformFunction) {
    super(scope, "Schedules");
    const scheduleGroup = new ScheduleGroup(this, "Group", {
      // It has a fixed name: one that stayed would keep the stack from being made again.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID } },
      }),
    });
    role.addToPolicy(
      new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [lambda.functionArn] }),
    );
    for (const kind of SCHEDULED_KINDS) {
      const schedule = new Schedule(this, kind, {
        scheduleGroup,
        description: `Prompts every cluster to ${kind}`,
        schedule: ScheduleExpression.expression(inputs.schedule[kind]),
        target: new LambdaInvoke(lambda, {
          role: role.withoutPolicyUpdates(),
          input: ScheduleTargetInput.fromObject({ format_version: SCHEDULE_EVENT_FORMAT_VERSION, kind }),
          // The next tick makes up for one that is lost.
          retryAttempts: 1,
          maxEventAge: Duration.minutes(5),
        }),
      });
      // It names its group by text, which orders nothing.
      schedule.node.addDependency(scheduleGroup);
    }
  }
}
