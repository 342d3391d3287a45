/** What AWS's own rules find in the stack. */
import { Policy, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { AwsSolutionsChecks } from "cdk-nag";
import { describe, expect, it } from "vitest";
import { type TestStack, testStack } from "./stack.ts";

const WITH_TOKENS = {
  authorizer: { kind: "jwt", issuer: "https://issuer.example", audience: ["graphform"], alias: "corp" },
  bootstrap_principal: "jwt:corp:admin",
  clusters: ["one", "two"],
  notify: "a@example.com",
};

function findings({ app }: TestStack): readonly string[] {
  const { violations } = new AwsSolutionsChecks(app).validateScope(app);
  return violations.map((each) => each.ruleName);
}

describe("the stack", () => {
  it.each([
    ["with IAM", {}],
    ["with IAM and clusters of fixed names", { clusters: ["one", "two"], omnigraph_writes: true }],
    ["with tokens", WITH_TOKENS],
    ["with both", { ...WITH_TOKENS, authorizer: { ...WITH_TOKENS.authorizer, kind: "both" } }],
  ])("%s leaves no finding of cdk-nag without a reason", (_, changes) => {
    expect(findings(testStack(changes))).toEqual([]);
  });

  it("would not hide a finding that is new", () => {
    const made = testStack();
    const role = new Role(made.stack, "Wide", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
    const statements = [new PolicyStatement({ actions: ["s3:*"], resources: ["*"] })];
    new Policy(made.stack, "WidePolicy", { statements, roles: [role] });
    new Queue(made.stack, "Open");

    expect(findings(made).map((each) => each.replace(/\[.*/, ""))).toEqual(
      expect.arrayContaining(["AwsSolutions-IAM5", "AwsSolutions-SQS3", "AwsSolutions-SQS4"]),
    );
  });
});
