/** What functions may not do: nothing beyond what is listed with them. */
import { beforeAll, describe, expect, it } from "vitest";
import { HANDLER_NAMES, type HandlerName } from "../../infra/handler-name.ts";
import { WILDCARD_REASONS } from "../../infra/wildcards.ts";
import { type Permissions, permissionsOf } from "./permissions.ts";
import { testStack } from "./stack.ts";

let permissions: Permissions;
beforeAll(() => {
  permissions = permissionsOf(testStack().template);
}, 180_000);

const CONDITIONED = { "s3:if-none-match": "*", "s3:if-match": '"1"' };
const LEDGER = "clusters/demo/__cluster/state.json";
const MANIFEST = "clusters/demo/graphs/people.omni/__manifest/99999999999999999998.json";
const ROWS = "clusters/demo/graphs/people.omni/01ARZ3NDEKTSV4RRFFQ69G5FAV/1-1.lance/data/0.lance";

function who(action: string, key: string): readonly HandlerName[] {
  const resource = `${permissions.bucketArn}/${key}`;
  return HANDLER_NAMES.filter(
    (name) => permissions.asFunction(name, { action, resource, keys: CONDITIONED }) === "allowed",
  );
}

describe("the permissions of the functions", () => {
  it("belong to each function of the deployment", () => {
    expect([...permissions.functions.keys()].sort()).toEqual([...HANDLER_NAMES].sort());
    for (const statements of permissions.functions.values()) expect(statements.length).toBeGreaterThan(2);
  });

  it("hold no action with a wildcard, and no resource with one but those that have a reason", () => {
    for (const [name, statements] of permissions.functions) {
      const own = statements.filter((each) => each.effect === "Allow");
      expect(
        own.flatMap(({ actions }) => actions.filter((each) => each.includes("*"))),
        name,
      ).toEqual([]);
      const wild = own.flatMap(({ resources }) => resources.filter((each) => each.includes("*")));
      expect(
        wild.filter((each) => !WILDCARD_REASONS.some(({ resource }) => resource.test(each))),
        name,
      ).toEqual([]);
      const everything = own.filter(({ resources }) => resources.includes("*"));
      expect(
        everything.map(({ sid }) => sid),
        name,
      ).toEqual(["Trace"]);
    }
  });

  it.each([
    ["s3:PutObject", LEDGER, ["operate", "apply"]],
    ["s3:PutObject", "clusters/demo/__cluster/resources/policy/x.yaml", ["apply"]],
    ["s3:PutObject", "clusters/demo/__cluster/recoveries/x.json", ["operate", "apply"]],
    ["s3:PutObject", MANIFEST, ["operate", "plan", "apply"]],
    ["s3:PutObject", ROWS, ["plan", "apply"]],
    ["s3:GetObject", ROWS, ["operate", "plan", "apply"]],
    ["s3:DeleteObject", ROWS, ["operate", "plan", "apply"]],
    ["s3:PutObject", "clusters/demo/__graphform/approvals/x.json", ["api", "operate", "apply"]],
    ["s3:PutObject", "clusters/demo/__graphform/heads/x.json", ["api", "operate", "apply"]],
    ["s3:PutObject", "clusters/demo/__graphform/receipts/x.json", ["api", "operate", "apply"]],
    ["s3:PutObject", "clusters/demo/__graphform/rules.json", ["api", "operate", "apply"]],
    ["s3:PutObject", "clusters/demo/__graphform/blocked.json", ["api", "operate", "apply", "dead-letter"]],
    ["s3:PutObject", "inbox/demo/x.zip", ["api"]],
    ["s3:GetObject", "inbox/demo/x.zip", ["api", "intake", "plan"]],
    ["s3:GetObject", "other/x", []],
    ["s3:DeleteObject", LEDGER, []],
    ["s3:DeleteObject", MANIFEST, []],
    ["s3:DeleteObject", "inbox/demo/x.zip", []],
    ["s3:DeleteObjectVersion", ROWS, []],
    ["s3:PutBucketPolicy", "", []],
  ] as const)("let %s %s be done by exactly %j", (action, key, names) => {
    expect(who(action, key)).toEqual(names);
  });

  it("let only those take or break the lease that work under it or may force it", () => {
    const ask = { action: "dynamodb:PutItem", resource: permissions.tableArn, keys: {} };
    const holders = HANDLER_NAMES.filter((name) => permissions.asFunction(name, ask) === "allowed");

    expect(holders).toEqual(["api", "operate", "apply"]);
  });

  it("let the schedule see names and send prompts, and nothing else", () => {
    const actions = permissions.functions.get("schedule")?.flatMap((each) => each.actions);

    expect(actions?.sort()).toEqual([
      "logs:CreateLogStream",
      "logs:PutLogEvents",
      "s3:ListBucket",
      "sqs:SendMessage",
      "xray:PutTelemetryRecords",
      "xray:PutTraceSegments",
    ]);
  });
});
