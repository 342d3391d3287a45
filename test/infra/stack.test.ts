/** The properties of the stack that operators rely on. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Match, type Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, it } from "vitest";
import { LOGGED_SYMPTOMS, silenceMinutes } from "../../infra/alarms.ts";
import { OPERATE_ROUTES } from "../../infra/http-api.ts";
import { EXPORT_DAYS } from "../../infra/limits.ts";
import { API_ROUTES } from "../../lib/api/create-api.ts";
import { EXPORT_KEPT_MS } from "../../lib/worker/limits.ts";
import { permissionsOf } from "./permissions.ts";
import { at, testStack } from "./stack.ts";

/** All sources that may log. */
const SOURCES = ["lib", "functions"]
  .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.name.endsWith(".ts"))
  .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
  .join("\n");

let template: Template;
let withTokens: Template;
beforeAll(() => {
  template = testStack({ clusters: ["one"], notify: "a@example.com", worker_minutes: 15 }).template;
  withTokens = testStack({
    authorizer: { kind: "jwt", issuer: "https://issuer.example", audience: ["graphform"], alias: "corp" },
    bootstrap_principal: "jwt:corp:admin",
    removal: "destroy",
    architecture: "x86_64",
  }).template;
}, 180_000);

const properties = (type: string, of: Template = template): readonly Readonly<Record<string, unknown>>[] =>
  Object.values(of.findResources(type)).map((each) => each["Properties"]);

describe("the stack", () => {
  it.each([
    ["with IAM", () => template],
    ["with tokens", () => withTokens],
  ])("%s can be made: no part waits for itself", (_, of) => {
    const { Resources } = of().toJSON();
    const waiting = new Map(
      Object.entries(Resources).map(([id, each]) => [id, referencesOf(each, Resources)]),
    );
    for (let made = true; made; ) {
      const ready = [...waiting].filter(([, ids]) => ids.every((id) => !waiting.has(id)));
      for (const [id] of ready) waiting.delete(id);
      made = ready.length > 0;
    }

    expect(Object.keys(Resources).length).toBeGreaterThan(50);
    expect([...waiting.keys()]).toEqual([]);
  });

  it("has a bucket that waits until its queue lets it in", () => {
    const [bucket] = Object.entries(template.findResources("AWS::S3::Bucket")).filter(([id]) =>
      id.startsWith("StorageBucket"),
    );
    const policies = Object.keys(template.findResources("AWS::SQS::QueuePolicy"));
    const before = at(bucket, 1, "DependsOn");

    expect(policies.filter((id) => Array.isArray(before) && before.includes(id))).toHaveLength(1);
  });
});

/** The resources that must be there before this one. */
function referencesOf(value: unknown, resources: Readonly<Record<string, unknown>>): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((each) => referencesOf(each, resources));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const named = name === "Ref" || name === "DependsOn" ? inner : name === "Fn::GetAtt" ? at(inner, 0) : [];
    const ids = [named].flat().filter((id): id is string => typeof id === "string" && id in resources);
    return [...ids, ...referencesOf(inner, resources)];
  });
}

describe("storage", () => {
  it("is versioned, encrypted, private, logged, and stays when the stack goes", () => {
    template.hasResource("AWS::S3::Bucket", {
      DeletionPolicy: "RetainExceptOnCreate",
      UpdateReplacePolicy: "Retain",
      Properties: {
        VersioningConfiguration: { Status: "Enabled" },
        BucketEncryption: Match.anyValue(),
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
        LoggingConfiguration: Match.anyValue(),
      },
    });
  });

  it("lets time end only uploads, kept answers, and what was replaced or deleted: never what is there of a cluster", () => {
    const [bucket] = Object.entries(template.findResources("AWS::S3::Bucket")).flatMap(([id, each]) =>
      id.startsWith("StorageBucket") ? [each] : [],
    );
    const rules = at(bucket, "Properties", "LifecycleConfiguration", "Rules");
    const ended = [rules].flat().map((each) => {
      const replaced = at(each, "NoncurrentVersionExpiration", "NoncurrentDays");
      return [at(each, "Prefix"), at(each, "ExpirationInDays"), replaced, at(each, "Status")];
    });

    expect(ended).toEqual([
      ["clusters/", undefined, 30, "Enabled"],
      ["inbox/", 30, 1, "Enabled"],
      ["exports/", 1, 1, "Enabled"],
      ["deployment/requests/", 7, 1, "Enabled"],
    ]);
  });

  it("goes on refusing what it refuses when the stack goes and it stays", () => {
    // That of the access logs lets them be delivered.
    for (const each of Object.values(template.findResources("AWS::S3::BucketPolicy"))) {
      expect(at(each, "DeletionPolicy")).toBe("RetainExceptOnCreate");
    }
    for (const each of Object.values(template.findResources("AWS::S3::Bucket"))) {
      expect(at(each, "DeletionPolicy")).toBe("RetainExceptOnCreate");
    }
  });

  it("keeps exports for a day, longer than anybody may ask for them", () => {
    const rule = { Prefix: "exports/", ExpirationInDays: EXPORT_DAYS, Status: "Enabled" };
    const versions = { NoncurrentVersionExpiration: { NoncurrentDays: 1 } };
    const rules = Match.arrayWith([Match.objectLike({ ...rule, ...versions })]);
    template.hasResourceProperties("AWS::S3::Bucket", { LifecycleConfiguration: { Rules: rules } });
    expect(EXPORT_DAYS * 24 * 60 * 60 * 1000).toBeGreaterThan(EXPORT_KEPT_MS);
  });

  it("announces uploads, and only those, to the queue of the intake", () => {
    template.hasResourceProperties("AWS::S3::Bucket", {
      NotificationConfiguration: {
        QueueConfigurations: [
          {
            Event: "s3:ObjectCreated:*",
            Filter: { S3Key: { Rules: [{ Name: "prefix", Value: "inbox/" }] } },
          },
        ],
      },
    });
  });

  it("keeps leases in a table with point-in-time recovery that nobody deletes by mistake", () => {
    template.hasResource("AWS::DynamoDB::Table", {
      DeletionPolicy: "Retain",
      Properties: {
        BillingMode: "PAY_PER_REQUEST",
        DeletionProtectionEnabled: true,
        KeySchema: [{ AttributeName: "cluster", KeyType: "HASH" }],
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: Match.absent(),
      },
    });
    withTokens.hasResource("AWS::DynamoDB::Table", {
      DeletionPolicy: "Delete",
      Properties: { DeletionProtectionEnabled: false },
    });
  });
});

describe("functions", () => {
  it("run Node 24 on arm64, are traced, and log as JSON into groups that end", () => {
    for (const each of properties("AWS::Lambda::Function")) {
      expect(each).toMatchObject({
        Runtime: "nodejs24.x",
        Architectures: ["arm64"],
        TracingConfig: { Mode: "Active" },
        LoggingConfig: { LogFormat: "JSON", LogGroup: expect.anything() },
      });
    }
    for (const each of properties("AWS::Logs::LogGroup")) expect(each["RetentionInDays"]).toBe(90);
  });

  it("run on x86_64 if the inputs say so, because Lance is not built for everything", () => {
    const functions = properties("AWS::Lambda::Function", withTokens);

    expect(new Set(functions.map((each) => at(each, "Architectures", 0)))).toEqual(new Set(["x86_64"]));
  });

  it("may prompt themselves for as long as their work lasts only where that is how it goes on", () => {
    const named = (each: unknown) => at(each, "Environment", "Variables", "POWERTOOLS_SERVICE_NAME");
    const allowed = properties("AWS::Lambda::Function").filter((each) => each["RecursiveLoop"] === "Allow");
    const looping = [...permissionsOf(template).functions].filter(([, statements]) => {
      const queues = (sid: string) => statements.flatMap((each) => (each.sid === sid ? each.resources : []));
      return queues("TakePrompts").some((queue) => queues("SendPrompts").includes(queue));
    });

    expect(allowed.map(named)).toEqual(["graphform-apply"]);
    expect(looping.map(([name]) => name)).toEqual(["apply"]);
  });

  it("carry Lance only if they touch rows", () => {
    const layers = template.findResources("AWS::Lambda::LayerVersion");
    const lance = Object.keys(layers).find((id) => id.toLowerCase().includes("lance"));
    const carriers = properties("AWS::Lambda::Function").filter((each) =>
      JSON.stringify(each["Layers"]).includes(`"${lance}"`),
    );
    const names = carriers.map((each) => at(each, "Environment", "Variables", "POWERTOOLS_SERVICE_NAME"));

    expect(names.sort()).toEqual(["graphform-apply", "graphform-operate", "graphform-plan"]);
  });
});

describe("the API", () => {
  it.each([
    ["IAM", () => template, "AWS_IAM"],
    ["tokens", () => withTokens, "JWT"],
  ])("asks for an identity by %s on every route but health", (_, of, kind) => {
    const routes = properties("AWS::ApiGatewayV2::Route", of());
    const open = routes.filter((each) => each["AuthorizationType"] !== kind);

    expect(routes.length).toBeGreaterThan(5);
    expect(open.map((each) => [each["RouteKey"], each["AuthorizationType"]])).toEqual([
      ["GET /v1/health", "NONE"],
    ]);
  });

  it("limits and logs requests", () => {
    template.hasResourceProperties("AWS::ApiGatewayV2::Stage", {
      DefaultRouteSettings: { ThrottlingBurstLimit: 100, ThrottlingRateLimit: 50 },
      AccessLogSettings: { DestinationArn: Match.anyValue(), Format: Match.stringLikeRegexp("requestId") },
    });
  });

  it("logs who asked for what, and never a header, a token or a body", () => {
    const [format] = properties("AWS::ApiGatewayV2::Stage").map((each) =>
      String(at(each, "AccessLogSettings", "Format")),
    );
    const fields = [...(format ?? "").matchAll(/\$context\.([A-Za-z.]+)/g)].map((match) => match[1]);

    expect(fields).toEqual([
      ...["requestId", "requestTime", "httpMethod", "path", "routeKey", "status"],
      ...["responseLength", "responseLatency", "identity.sourceIp", "identity.userArn"],
      ...["authorizer.claims.sub", "error.message"],
    ]);
  });

  it("is called, and uploads are made, by whoever has the policy for it, each for one cluster", () => {
    const granted = properties("AWS::IAM::ManagedPolicy").map((each) => {
      const statement = at(each, "PolicyDocument", "Statement", 0);
      const resource = at(statement, "Resource", "Fn::Join", 1);
      return [at(statement, "Action"), [resource].flat().at(-1)];
    });

    expect(granted).toEqual([
      ["execute-api:Invoke", "/$default/*/v1/*"],
      ["s3:PutObject", "/inbox/one/*"],
    ]);
  });

  it("is asked for the issuer and audience of the inputs", () => {
    withTokens.hasResourceProperties("AWS::ApiGatewayV2::Authorizer", {
      AuthorizerType: "JWT",
      JwtConfiguration: { Audience: ["graphform"], Issuer: "https://issuer.example" },
    });
  });

  it("sends exactly the routes that take the lease or touch rows to the function that may", () => {
    const operations = new Map(
      API_ROUTES.map(({ config }) => [
        `${config.method.toUpperCase()} ${config.path}`,
        config.operationId ?? "",
      ]),
    );

    expect(OPERATE_ROUTES.map(([method, path]) => operations.get(`${method} ${path}`))).toEqual([
      ...["exportGraph", "restoreGraph", "protectGraph", "unprotectGraph"],
      ...["reclaimGraphs", "discardRecovery"],
    ]);
  });

  it("is the only one that may invoke its functions, beside the schedule", () => {
    const permissions = properties("AWS::Lambda::Permission");

    expect(new Set(permissions.map((each) => each["Principal"]))).toEqual(
      new Set(["apigateway.amazonaws.com"]),
    );
    for (const each of permissions) expect(JSON.stringify(each["SourceArn"])).toContain("execute-api");
  });
});

describe("what keeps watch", () => {
  it("leaves nothing with a fixed name behind when the stack goes, or was never finished", () => {
    const stays = (made: Template) =>
      Object.values(made.toJSON()["Resources"] as Record<string, { Type: string; DeletionPolicy?: string }>)
        .filter(({ DeletionPolicy }) => (DeletionPolicy ?? "Delete") !== "Delete")
        .map(({ Type }) => Type)
        .sort();

    expect(stays(template)).toEqual([
      "AWS::DynamoDB::Table",
      "AWS::S3::Bucket",
      "AWS::S3::Bucket",
      "AWS::S3::BucketPolicy",
      "AWS::S3::BucketPolicy",
    ]);
    expect(stays(withTokens)).toEqual(["AWS::S3::Bucket", "AWS::S3::BucketPolicy"]);
    expect(at(properties("AWS::CloudWatch::Dashboard")[0], "DashboardName")).toBeUndefined();
  });

  it("makes a policy for the uploaders of each cluster, however alike their names are", () => {
    const { template: made } = testStack({ clusters: ["a-b", "ab"] });
    const names = Object.values(made.findResources("AWS::IAM::ManagedPolicy")).map((each) =>
      JSON.stringify(at(each, "Properties", "ManagedPolicyName")),
    );

    expect(names.filter((name) => name.includes("-upload-a-b")).length).toBe(1);
    expect(names.filter((name) => name.includes("-upload-ab")).length).toBe(1);
    expect(names.filter((name) => name.includes("-call-api")).length).toBe(1);
  });

  it("prompts by three schedules, which are made after their group", () => {
    const inputs = properties("AWS::Scheduler::Schedule").map((each) => at(each, "Target", "Input"));

    const orders = Object.values(template.findResources("AWS::Scheduler::Schedule")).map((each) =>
      JSON.stringify(at(each, "DependsOn")),
    );

    expect(orders.every((each) => each.includes("SchedulesGroup"))).toBe(true);
    expect(inputs.sort()).toEqual([
      '{"format_version":1,"kind":"reclaim"}',
      '{"format_version":1,"kind":"refresh"}',
      '{"format_version":1,"kind":"watch"}',
    ]);
  });

  it.each(LOGGED_SYMPTOMS.map(({ name, pattern }) => [name, pattern] as const))(
    "looks for lines of the log that are really written: %s",
    (_, pattern) => {
      const named = [...pattern.matchAll(/\$\.event = "([^"]+)"/g)].map((match) => `event: "${match[1]}"`);

      expect(named.length).toBeGreaterThan(0);
      expect(named.filter((each) => !SOURCES.includes(each))).toEqual([]);
    },
  );

  it.each([
    ["rate(5 minutes)", 120],
    ["rate(3 hours)", 360],
    ["rate(1 day)", 1440],
    ["cron(0 3 * * ? *)", 1440],
  ])("is missed after a pause that fits %s", (watch, minutes) => {
    expect(silenceMinutes(watch)).toBe(minutes);
  });

  it("tells of every alarm on an encrypted topic, and says what to do", () => {
    const alarms = properties("AWS::CloudWatch::Alarm");

    expect(alarms.length).toBeGreaterThan(20);
    for (const each of alarms) {
      expect(each["AlarmActions"]).toHaveLength(1);
      expect(String(each["AlarmDescription"]).length).toBeGreaterThan(40);
    }
    for (const each of properties("AWS::SNS::Topic")) expect(each["KmsMasterKeyId"]).toBeDefined();
    template.resourceCountIs("AWS::SNS::Subscription", 2);
    withTokens.resourceCountIs("AWS::SNS::Subscription", 0);
  });
});
