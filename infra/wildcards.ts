/** The wildcards that permissions keep, each with its reason. One that is not in the table stays a finding. */
import { Stack } from "aws-cdk-lib";
import type { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IConstruct } from "constructs";
import { acknowledge } from "./acknowledge.ts";
import { CLUSTERS, DEPLOYMENT, EXPORTS, INBOX } from "./keys.ts";

interface Reason {
  readonly resource: RegExp;
  readonly reason: string;
}

export const WILDCARD_REASONS: readonly Reason[] = [
  {
    resource: new RegExp(`/${CLUSTERS}\\*/`),
    reason:
      "Clusters, graphs and records are data: one deployment holds many, all laid out alike, and makes new ones without being deployed again.",
  },
  {
    resource: new RegExp(`/(${INBOX}|${EXPORTS}|${DEPLOYMENT})`),
    reason: "Uploads, exports and requests are named when they arrive.",
  },
  { resource: /:\*$/, reason: "Lambda names the log streams of the one log group." },
  { resource: /^\*$/, reason: "X-Ray has no resources that a permission could name." },
  {
    resource: /\/GET\/v1\/\*$|\/\*\/v1\/\*$/,
    reason: "Who may call which route of which cluster is decided by Cedar, behind the gateway.",
  },
];

/** Acknowledges the wildcards of `statements` at the policy that holds them. */
export function acknowledgeWildcards(policy: IConstruct, statements: readonly PolicyStatement[]): void {
  const stack = Stack.of(policy);
  const resources = statements.flatMap((statement) => statement.resources.map((each) => stack.resolve(each)));
  for (const resource of new Set(resources.map(flattened))) {
    const known = WILDCARD_REASONS.find((each) => each.resource.test(resource));
    if (resource.includes("*") && known !== undefined) {
      acknowledge(policy, `AwsSolutions-IAM5[Resource::${resource}]`, known.reason);
    }
  }
}

/** A resource of a template as cdk-nag names it in its findings. */
export function flattened(resource: unknown): string {
  if (typeof resource === "string") return resource;
  const [kind, value] = Object.entries(resource ?? {})[0] ?? [];
  if (kind === "Fn::Join" && Array.isArray(value)) return value[1].map(flattened).join(value[0]);
  if (kind === "Fn::GetAtt" && Array.isArray(value)) return `<${value.join(".")}>`;
  if (kind === "Ref") return `<${String(value)}>`;
  return JSON.stringify(resource);
}
