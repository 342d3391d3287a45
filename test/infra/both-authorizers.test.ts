/** A stack whose callers come by IAM and by tokens: two APIs in front of the same functions, and nothing else twice. */
import { Match, type Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, it } from "vitest";
import { CLUSTERS_MAX } from "../../infra/limits.ts";
import { at, testStack } from "./stack.ts";

const TOKENS = { issuer: "https://issuer.example", audience: ["graphform"], alias: "corp" };
const CLUSTERS = { clusters: ["one"], notify: "a@example.com" };
/** `HttpApi` is the construct of the only API of a stack with one authorizer. */
const FIRSTS = [
  ["iam", { kind: "iam" }, "HttpApi", "TokenHttpApi"],
  ["jwt", { kind: "jwt", ...TOKENS }, "IamHttpApi", "HttpApi"],
] as const;

const made = new Map<string, Template>();
beforeAll(() => {
  for (const [first, alone] of FIRSTS) {
    const bootstrap_principal = first === "jwt" ? "jwt:corp:admin" : undefined;
    const shared = { ...CLUSTERS, ...(bootstrap_principal === undefined ? {} : { bootstrap_principal }) };
    const both = { kind: "both", ...TOKENS, first };
    made.set(first, testStack({ ...shared, authorizer: both }).template);
    made.set(`${first} alone`, testStack({ ...shared, authorizer: alone }).template);
  }
}, 240_000);

function template(name: string): Template {
  const found = made.get(name);
  if (found === undefined) throw new Error(name);
  return found;
}

type Resources = Readonly<Record<string, { readonly Type: string; readonly Properties: object }>>;
const resourcesOf = (of: Template): Resources => of.toJSON()["Resources"];
const withoutHash = (id: unknown) => String(id).replace(/[0-9A-F]{8}$/, "");

/** The API that something belongs to, as the construct that holds it. */
const apiOf = (id: unknown) => /^(Iam|Token|)HttpApi/.exec(String(id))?.[0] ?? null;

const ofType = (of: Template, type: string) =>
  Object.entries(resourcesOf(of)).filter(([, { Type }]) => Type === type);

describe.each(FIRSTS)("a stack with both authorizers, %s first", (first, _, iam, token) => {
  const both = () => template(first);

  it("keeps everything that it had with that one alone, the API and its address too", () => {
    const [before, after] = [resourcesOf(template(`${first} alone`)), resourcesOf(both())];
    const changed = Object.keys(before).filter(
      (id) => JSON.stringify(before[id]) !== JSON.stringify(after[id]),
    );
    const gone = Object.keys(before).filter((id) => !(id in after));

    expect(gone).toEqual([]);
    // The functions learn the second API, and the dashboard draws it.
    expect(new Set(changed.map((id) => before[id]?.Type))).toEqual(
      new Set(["AWS::Lambda::Function", "AWS::CloudWatch::Dashboard"]),
    );
  });

  it("asks for the one identity at one API and for the other at the other, on the same routes", () => {
    const routes = (api: string) =>
      ofType(both(), "AWS::ApiGatewayV2::Route").flatMap(([id, { Properties }]) =>
        apiOf(id) === api ? [`${at(Properties, "RouteKey")} ${at(Properties, "AuthorizationType")}`] : [],
      );
    const asked = routes(iam);

    expect(asked.length).toBeGreaterThan(5);
    expect(asked.filter((each) => !each.endsWith(" AWS_IAM"))).toEqual(["GET /v1/health NONE"]);
    expect(routes(token)).toEqual(asked.map((each) => each.replace(/ AWS_IAM$/, " JWT")));
  });

  it("tells the functions which API is which", () => {
    for (const [, { Properties }] of ofType(both(), "AWS::Lambda::Function")) {
      const variables = at(Properties, "Environment", "Variables");
      expect(apiOf(at(variables, "GRAPHFORM_API_ID", "Ref"))).toBe(iam);
      expect(apiOf(at(variables, "GRAPHFORM_TOKEN_API_ID", "Ref"))).toBe(token);
    }
  });

  it("lets both invoke the two functions behind them, and each route only its own", () => {
    const invokers = ofType(both(), "AWS::Lambda::Permission").map(([id, { Properties }]) => {
      const source = JSON.stringify(at(Properties, "SourceArn"));
      expect(at(Properties, "Principal")).toBe("apigateway.amazonaws.com");
      expect(source).toContain(`"${apiOf(id)}Gateway`);
      return `${apiOf(id)} ${withoutHash(at(Properties, "FunctionName", "Fn::GetAtt", 0))}`;
    });

    expect([...new Set(invokers)].sort()).toEqual(
      [iam, token]
        .flatMap((api) => [`${api} FunctionsApiFunction`, `${api} FunctionsOperateFunction`])
        .sort(),
    );
  });

  it("limits and logs the requests of both, and raises an alarm for either", () => {
    const stages = ofType(both(), "AWS::ApiGatewayV2::Stage");
    const logs = stages.map(([, { Properties }]) =>
      at(Properties, "AccessLogSettings", "DestinationArn", "Fn::GetAtt", 0),
    );
    const failures = ofType(both(), "AWS::CloudWatch::Alarm").flatMap(([, { Properties }]) =>
      at(Properties, "MetricName") === "5xx" ? [apiOf(at(Properties, "Dimensions", 0, "Value", "Ref"))] : [],
    );

    expect(stages.map(([id]) => apiOf(id)).sort()).toEqual([iam, token].sort());
    expect(logs.map(apiOf).sort()).toEqual([iam, token].sort());
    for (const [, { Properties }] of stages) {
      expect(Properties).toMatchObject({
        DefaultRouteSettings: { ThrottlingBurstLimit: 100, ThrottlingRateLimit: 50 },
        AccessLogSettings: { Format: expect.stringContaining("requestId") },
      });
    }
    expect(failures.sort()).toEqual([iam, token].sort());
  });

  it("draws the requests of both, and says whose they are", () => {
    const [[, dashboard] = []] = ofType(both(), "AWS::CloudWatch::Dashboard");
    const body = JSON.stringify(at(dashboard, "Properties", "DashboardBody"));

    for (const api of [iam, token]) expect(body).toMatch(new RegExp(`"${api}Gateway[0-9A-F]{8}"`));
    for (const label of ["IAM: requests", "tokens: requests", "IAM: 5xx", "tokens: latency"]) {
      expect(body).toContain(label);
    }
  });

  it("gives a policy to call the API of IAM, and none for the other, which takes tokens", () => {
    const statements = ofType(both(), "AWS::IAM::ManagedPolicy").flatMap(([, { Properties }]) =>
      [at(Properties, "PolicyDocument", "Statement")].flat(),
    );
    const calls = statements.filter((each) => at(each, "Action") === "execute-api:Invoke");

    expect(calls).toHaveLength(1);
    expect(JSON.stringify(at(calls[0], "Resource"))).toContain(`"${iam}Gateway`);
    expect(JSON.stringify(at(calls[0], "Resource"))).not.toContain(`"${token}Gateway`);
  });

  it("is no larger than CloudFormation allows with as many clusters as may be named", () => {
    const resources = ofType(both(), "AWS::IAM::ManagedPolicy").filter(([id]) => id.includes("Upload"));

    expect(resources).toHaveLength(CLUSTERS.clusters.length);
    expect(Object.keys(resourcesOf(both())).length - 1 + CLUSTERS_MAX).toBeLessThanOrEqual(500);
  });

  it("names both addresses", () => {
    both().hasOutput("IamApiUrl", {
      Value: { "Fn::GetAtt": [Match.stringLikeRegexp(`^${iam}Gateway`), Match.anyValue()] },
    });
    both().hasOutput("TokenApiUrl", {
      Value: { "Fn::GetAtt": [Match.stringLikeRegexp(`^${token}Gateway`), Match.anyValue()] },
    });
    expect(Object.keys(both().findOutputs("ApiUrl"))).toEqual([]);
    expect(Object.keys(template(`${first} alone`).findOutputs("ApiUrl"))).toEqual(["ApiUrl"]);
  });
});
