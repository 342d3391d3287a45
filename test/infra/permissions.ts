/** What each function, and whoever else has every permission, may ask of the bucket and the table of a stack. */
import type { Template } from "aws-cdk-lib/assertions";
import type { HandlerName } from "../../infra/handler-name.ts";
import type { Call } from "../apply/interference.ts";
import {
  evaluate,
  type PolicyRequest,
  type Statement,
  statementsOf,
  type Verdict,
} from "./policy-evaluator.ts";

export interface Permissions {
  /** May the function do it? */
  asFunction(name: HandlerName, request: PolicyRequest): Verdict;
  /** May somebody do it whose own permissions allow everything? */
  asAdministrator(request: PolicyRequest): Verdict;
  readonly functions: ReadonlyMap<string, readonly Statement[]>;
  readonly bucketArn: string;
  readonly tableArn: string;
}

const EVERYTHING: Statement = {
  sid: "Administrator",
  effect: "Allow",
  actions: ["*"],
  resources: ["*"],
  notResources: null,
  conditions: {},
};
const OVER_TLS = { "aws:SecureTransport": "true", "s3:TlsVersion": "1.3" };

export function permissionsOf(template: Template): Permissions {
  const bucketArn = `<${logicalId(template, "AWS::S3::Bucket", /^StorageBucket/)}.Arn>`;
  const tableArn = `<${logicalId(template, "AWS::DynamoDB::Table", /^LeaseTable/)}.Arn>`;
  const policies = Object.entries(template.findResources("AWS::S3::BucketPolicy"));
  const [, policy] = policies.find(([id]) => id.startsWith("StorageBucketPolicy")) ?? [];
  const guards = statementsOf(policy?.["Properties"].PolicyDocument).filter((each) => each.effect === "Deny");
  const functions = functionStatements(template);
  const verdict = (own: readonly Statement[], request: PolicyRequest): Verdict =>
    evaluate([...own, ...guards], { ...request, keys: { ...OVER_TLS, ...request.keys } });
  return {
    asFunction: (name, request) => verdict(functions.get(name) ?? [], request),
    asAdministrator: (request) => verdict([EVERYTHING], request),
    functions,
    bucketArn,
    tableArn,
  };
}

/** The statements of each function, found by the one role that it has. */
function functionStatements(template: Template): ReadonlyMap<string, readonly Statement[]> {
  const policies = Object.values(template.findResources("AWS::IAM::Policy"));
  const functions = Object.values(template.findResources("AWS::Lambda::Function"));
  return new Map(
    functions.map(({ Properties }) => {
      const role = Properties.Role["Fn::GetAtt"][0];
      const own = policies.filter((each) =>
        each["Properties"].Roles.some((ref: { Ref: string }) => ref.Ref === role),
      );
      const name = String(Properties.Environment.Variables.POWERTOOLS_SERVICE_NAME).replace("graphform-", "");
      return [name, own.flatMap((each) => statementsOf(each["Properties"].PolicyDocument))];
    }),
  );
}

function logicalId(template: Template, type: string, pattern: RegExp): string {
  const [id, ...others] = Object.keys(template.findResources(type)).filter((each) => pattern.test(each));
  if (id === undefined || others.length > 0) throw new Error(`There is not exactly one ${type} ${pattern}.`);
  return id;
}

/** What a call of a port asks of AWS, as the adapters of lib/aws send it. */
export function requestsOf(permissions: Permissions, root: string, call: Call): readonly PolicyRequest[] {
  const { bucketArn, tableArn } = permissions;
  const resource = `${bucketArn}/${root}${call.key}`;
  const read: PolicyRequest = { action: "s3:GetObject", resource, keys: {} };
  const version = { "s3:if-match": '"etag"' };
  const getItem: PolicyRequest = { action: "dynamodb:GetItem", resource: tableArn, keys: {} };
  switch (call.verb) {
    case "get":
      // Whether a key is absent is told only to whoever may list.
      return [read, { action: "s3:ListBucket", resource: bucketArn, keys: {} }];
    case "list":
      return [{ action: "s3:ListBucket", resource: bucketArn, keys: {} }];
    case "putIfAbsent":
      return [{ action: "s3:PutObject", resource, keys: { "s3:if-none-match": "*" } }];
    case "replace":
      return [read, { action: "s3:PutObject", resource, keys: version }];
    case "remove":
      return [read, { action: "s3:DeleteObject", resource, keys: version }];
    case "lease.read":
      return [getItem];
    default:
      return [getItem, { action: "dynamodb:PutItem", resource: tableArn, keys: {} }];
  }
}
