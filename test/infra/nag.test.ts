/** What AWS's own rules find in the stack. */
import { AwsSolutionsChecks } from "cdk-nag";
import { describe, expect, it } from "vitest";
import { testStack } from "./stack.ts";

describe("the stack", () => {
  it.each([
    ["with IAM", {}],
    [
      "with tokens",
      {
        authorizer: { kind: "jwt", issuer: "https://issuer.example", audience: ["graphform"], alias: "corp" },
        bootstrap_principal: "jwt:corp:admin",
        clusters: ["one", "two"],
        notify: "a@example.com",
      },
    ],
  ])("%s leaves no finding of cdk-nag without a reason", (_, changes) => {
    const { app } = testStack(changes);

    const report = new AwsSolutionsChecks(app).validateScope(app);

    expect(report).toEqual([]);
  });
});
