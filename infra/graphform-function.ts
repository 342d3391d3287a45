/**
 * GraphformFunction: one function with a role and a log group of its own. The runtime, the platform, tracing and
 * retention are said here once; what it may do is said by whoever declares it.
 */

import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { Policy, type PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  Architecture,
  Code,
  type ILayerVersion,
  Function as LambdaFunction,
  LoggingFormat,
  RecursiveLoop,
  Runtime,
  Tracing,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { SettledInputs } from "./architecture.ts";
import { mayLog, mayTrace } from "./grants.ts";
import type { HandlerName } from "./handler-name.ts";
import { acknowledgeWildcards } from "./wildcards.ts";

export interface FunctionShape {
  readonly name: HandlerName;
  /** What it does, in one sentence. */
  readonly description: string;
  /** Folder of its code. */
  readonly code: string;
  readonly layers: readonly ILayerVersion[];
  readonly timeout_s: number;
  readonly memory_mb: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Everything that it may do, beside its own logs and traces. */
  readonly may: readonly PolicyStatement[];
  /** Its messages prompt it again: its work goes on in its next invocation. */
  readonly prompts_itself?: true;
}

export class GraphformFunction extends Construct {
  readonly lambda: LambdaFunction;
  readonly logs: LogGroup;
  readonly name: HandlerName;

  constructor(scope: Construct, inputs: SettledInputs, shape: FunctionShape) {
    super(scope, pascal(shape.name));
    this.name = shape.name;
    this.logs = new LogGroup(this, "Logs", {
      retention: inputs.log_days as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const statements = [mayLog(this.logs.logGroupArn), mayTrace(), ...shape.may];
    const role = new Role(this, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
    const permissions = new Policy(this, "Permissions", { statements, roles: [role] });
    acknowledgeWildcards(permissions, statements);
    this.lambda = new LambdaFunction(this, "Function", {
      description: shape.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: inputs.architecture === "arm64" ? Architecture.ARM_64 : Architecture.X86_64,
      handler: "index.handler",
      code: Code.fromAsset(shape.code),
      layers: [...shape.layers],
      role: role.withoutPolicyUpdates(),
      timeout: Duration.seconds(shape.timeout_s),
      memorySize: shape.memory_mb,
      environment: { ...shape.environment },
      tracing: Tracing.ACTIVE,
      logGroup: this.logs,
      loggingFormat: LoggingFormat.JSON,
      ...(shape.prompts_itself === true ? { recursiveLoop: RecursiveLoop.ALLOW } : {}),
    });
    this.lambda.node.addDependency(permissions);
  }
}

function pascal(name: string): string {
  return name.replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());
}
