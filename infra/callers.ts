/**
 * Callers: policies to attach to the roles of people and of CI; the stack makes no such roles. To call the API (with
 * IAM; tokens need no policy), and to upload for one cluster each. Their names are fixed, because permission sets of
 * IAM Identity Center refer to policies by name.
 */
import { Aws, Stack } from "aws-cdk-lib";
import { ManagedPolicy, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import type { HttpApi } from "./http-api.ts";
import type { Inputs } from "./inputs.ts";
import { INBOX } from "./keys.ts";
import { acknowledgeWildcards } from "./wildcards.ts";

export class Callers extends Construct {
  readonly callApi: ManagedPolicy | null;

  constructor(scope: Construct, inputs: Inputs, apis: readonly HttpApi[], bucket: Bucket) {
    super(scope, "Callers");
    const named = (what: string) => `${inputs.stack_name}-${Aws.REGION}-${what}`;
    const iam = apis.find((each) => each.kind === "iam");
    this.callApi = iam === undefined ? null : this.#policy("CallApi", named("call-api"), callApi(this, iam));
    for (const name of inputs.clusters ?? []) {
      this.#policy(`Upload-${name}`, named(`upload-${name}`), upload(bucket, name));
    }
  }

  #policy(id: string, managedPolicyName: string, statement: PolicyStatement): ManagedPolicy {
    const policy = new ManagedPolicy(this, id, { managedPolicyName, statements: [statement] });
    acknowledgeWildcards(policy, [statement]);
    return policy;
  }
}

function callApi(scope: Construct, { gateway }: HttpApi): PolicyStatement {
  const { partition, region, account } = Stack.of(scope);
  const resources = [`arn:${partition}:execute-api:${region}:${account}:${gateway.apiId}/$default/*/v1/*`];
  return new PolicyStatement({ sid: "CallApi", actions: ["execute-api:Invoke"], resources });
}

function upload(bucket: Bucket, cluster: string): PolicyStatement {
  const resources = [bucket.arnForObjects(`${INBOX}${cluster}/*`)];
  return new PolicyStatement({ sid: "Upload", actions: ["s3:PutObject"], resources });
}
