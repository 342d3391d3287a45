/**
 * HttpApi: a gateway in front of the functions. Every route but health asks for an identity, by IAM or a token; what the
 * caller may do with it is decided behind it. Requests are limited and logged. A deployment that takes both has two.
 */
import { RemovalPolicy } from "aws-cdk-lib";
import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import {
  HttpApi as Gateway,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpStage,
  type IHttpRouteAuthorizer,
  LogGroupLogDestination,
} from "aws-cdk-lib/aws-apigatewayv2";
import { HttpIamAuthorizer, HttpJwtAuthorizer } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { acknowledge } from "./acknowledge.ts";
import { type ApiAuthorizer, authorizersOf } from "./authorizer.ts";
import type { GraphformFunction } from "./graphform-function.ts";
import type { Inputs } from "./inputs.ts";
import { API_BURST_REQUESTS, API_REQUESTS_A_SECOND } from "./limits.ts";

const CLUSTER = "/v1/clusters/{cluster}";

/** What takes the lease or touches rows, and so has a function of its own. */
export const OPERATE_ROUTES: readonly (readonly [HttpMethod, string])[] = [
  [HttpMethod.GET, `${CLUSTER}/graphs/{graph}/export`],
  [HttpMethod.POST, `${CLUSTER}/graphs/{graph}/restore`],
  [HttpMethod.POST, `${CLUSTER}/graphs/{graph}/protect`],
  [HttpMethod.POST, `${CLUSTER}/graphs/{graph}/unprotect`],
  [HttpMethod.POST, `${CLUSTER}/reclaim`],
  [HttpMethod.POST, `${CLUSTER}/recoveries/{operation}/discard`],
];

/** The gateways of the deployment, the first one first. */
export function httpApis(scope: Construct, inputs: Inputs): readonly HttpApi[] {
  return authorizersOf(inputs.authorizer).map(
    (authorizer, index) => new HttpApi(scope, inputs, authorizer, index === 0),
  );
}

const PREFIXES = { iam: "Iam", jwt: "Token" } as const;

export class HttpApi extends Construct {
  readonly gateway: Gateway;
  readonly stage: HttpStage;
  readonly kind: ApiAuthorizer["kind"];
  /** Of what the stack makes for it: none for the first, which has the names of an only one. */
  readonly prefix: "" | (typeof PREFIXES)[ApiAuthorizer["kind"]];

  constructor(scope: Construct, inputs: Inputs, authorizer: ApiAuthorizer, isFirst: boolean) {
    const prefix = isFirst ? "" : PREFIXES[authorizer.kind];
    super(scope, `${prefix}HttpApi`);
    this.kind = authorizer.kind;
    this.prefix = prefix;
    this.gateway = new Gateway(this, "Gateway", {
      apiName: isFirst ? inputs.stack_name : `${inputs.stack_name}-${authorizer.kind}`,
      description: "Plans, approvals, applies and history of clusters of graphs",
      createDefaultStage: false,
      defaultAuthorizer: routeAuthorizer(authorizer),
    });
    const logs = new LogGroup(this, "AccessLogs", {
      retention: inputs.log_days as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.stage = new HttpStage(this, "Stage", {
      httpApi: this.gateway,
      stageName: "$default",
      autoDeploy: true,
      throttle: { rateLimit: API_REQUESTS_A_SECOND, burstLimit: API_BURST_REQUESTS },
      accessLogSettings: { destination: new LogGroupLogDestination(logs), format: ACCESS_LOG },
    });
  }

  /** Apart from the making of the gateway, because the functions must know its name. */
  addRoutes(api: GraphformFunction, operate: GraphformFunction): void {
    const toApi = new HttpLambdaIntegration("ToApi", api.lambda);
    const toOperate = new HttpLambdaIntegration("ToOperate", operate.lambda);
    for (const [method, path] of OPERATE_ROUTES) {
      this.gateway.addRoutes({ path, methods: [method], integration: toOperate });
    }
    this.gateway.addRoutes({ path: "/v1/{proxy+}", methods: [HttpMethod.ANY], integration: toApi });
    const [health] = this.gateway.addRoutes({
      path: "/v1/health",
      methods: [HttpMethod.GET],
      integration: toApi,
      authorizer: new HttpNoneAuthorizer(),
    });
    if (health !== undefined) {
      const reason = "Whoever watches the service asks whether it is there; the answer says nothing else.";
      acknowledge(health, "AwsSolutions-APIG4", reason);
    }
  }

  get url(): string {
    return this.gateway.apiEndpoint;
  }
}

/** By which the functions know the APIs, and what each verifies (functions/gateways.ts). */
export function apiEnvironment(apis: readonly HttpApi[]): Readonly<Record<string, string>> {
  const only = apis.length === 1;
  return Object.fromEntries(
    apis.map(({ kind, gateway }) => [
      kind === "iam" || only ? "GRAPHFORM_API_ID" : "GRAPHFORM_TOKEN_API_ID",
      gateway.apiId,
    ]),
  );
}

function routeAuthorizer(authorizer: ApiAuthorizer): IHttpRouteAuthorizer {
  if (authorizer.kind === "iam") return new HttpIamAuthorizer();
  return new HttpJwtAuthorizer("Tokens", authorizer.issuer, { jwtAudience: [...authorizer.audience] });
}

/** Who asked, for what, with which result; no header and no body. */
const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    request_id: "$context.requestId",
    at: "$context.requestTime",
    method: "$context.httpMethod",
    path: "$context.path",
    route: "$context.routeKey",
    status: "$context.status",
    bytes: "$context.responseLength",
    latency_ms: "$context.responseLatency",
    address: "$context.identity.sourceIp",
    iam: "$context.identity.userArn",
    subject: "$context.authorizer.claims.sub",
    problem: "$context.error.message",
  }),
);
