/**
 * Callers: policies to attach to the roles of people and of CI; the stack makes no such roles. To call the API (with
 * IAM; tokens need no policy), and to upload for one cluster each.
 */
import { Stack } from "aws-cdk-lib";
import { ManagedPolicy, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import type { HttpApi } from "./http-api.ts";
import type { Inputs } from "./inputs.ts";
import { INBOX } from "./keys.ts";
import { acknowledgeWildcards } from "./wildcards.ts";

export class Callers extends Construct {
  readonly callApi: ManagedPolicy | null;
  readonly upload: ReadonlyMap<string, ManagedPolicy>;

  constructor(scope: Construct, inputs: Inputs, api: HttpApi, bucket: Bucket) {
    super(scope, "Callers");
    this.callApi = inputs.authorizer.kind === "iam" ? this.#policy("CallApi", callApi(this, api)) : null;
    const places = inputs.clusters ?? [];
    this.upload = new Map(places.map((name) => [name, this.#policy(`Upload-${name}`, upload(bucket, name))]));
  }

  #policy(id: string, statement: PolicyStatement): ManagedPolicy {
    const policy = new ManagedPolicy(this, id, { statements: [statement] });
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
