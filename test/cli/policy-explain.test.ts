/** `graphform policy explain`: the decision in words, and as a document (spec/policy 1.6, 5.10). */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type ExplainFlags, explainPolicy } from "../../cli/verbs/explain-policy.ts";
import { E2, E4 } from "../policy/worked-examples.ts";
import { captured, verbJson } from "./captured.ts";
import { forgetFolders, newFolder, run } from "./command.ts";

afterAll(forgetFolders);

const QUERIES = ["find_user", "list_orders", "crm_open", "crm_debug_x", "reconcile_invoices"];

function configFolder(): string {
  const folder = newFolder();
  const files = {
    "cluster.yaml": [
      "version: 1",
      "metadata: {name: company-brain}",
      "graphs:",
      "  knowledge: {schema: s.pg, queries: q/}",
      "  bare: {schema: s.pg}",
      "policies:",
      "  graphs: {file: e2.yaml, applies_to: [knowledge]}",
      "  control: {file: e4.yaml, applies_to: [cluster]}",
      "",
    ].join("\n"),
    "s.pg": "node Person {\n  name: String @key\n}\n",
    "e2.yaml": E2,
    "e4.yaml": E4,
    ...Object.fromEntries(
      QUERIES.map((name) => [
        `q/${name}.gq`,
        `query ${name}() {\n  match { $p: Person }\n  return { $p.name }\n}\n`,
      ]),
    ),
  };
  mkdirSync(join(folder, "q"));
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
  return folder;
}

const ASKED: ExplainFlags = {
  actor: "agent-support",
  action: "invoke_query",
  graph: "knowledge",
  query: "crm_open",
  facts: {},
};

describe("policy explain", () => {
  it("says the decision, the rule and the message in lines", async () => {
    const { context, text } = captured(configFolder());

    expect(await explainPolicy({ ...context, json: false }, ASKED)).toBe(0);
    expect(text()).toBe(
      [
        "decision: allow",
        "actor: agent-support",
        "action: invoke_query",
        "matched_rule: agents-toolbox",
        "message: policy allowed action 'invoke_query' for actor 'agent-support'",
        "",
      ].join("\n"),
    );
  });

  it("ends with exit code 0 for a deny too, and shows in JSON which condition does not hold", async () => {
    const { code, document } = await verbJson(configFolder(), (context) =>
      explainPolicy(context, { ...ASKED, query: "crm_debug_x" }),
    );

    expect(code).toBe(0);
    expect(document).toMatchObject({
      format_version: 1,
      decision: "deny",
      groups: ["agents"],
      resource: "query.knowledge.crm_debug_x",
      matched_rule: null,
      determining: [],
      policy: "policy.graphs",
      policy_digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      candidates: [
        {
          rule: "agents-toolbox",
          conditions: [
            { field: "resource", holds: true },
            { field: "query_scope", holds: false },
          ],
        },
      ],
    });
  });

  it("decides about the control plane by what is given, and takes what is not for the worst", async () => {
    const args = ["policy", "explain", "--actor", "act-dan", "--action", "cluster-force-unlock"];
    const folder = configFolder();

    const old = await run(folder, ...args, "--lock-age", "1200");
    const unknown = await run(folder, ...args);

    expect(old.out).toContain("decision: allow");
    expect(old.out).toContain("matched_rule: platform-break-glass");
    expect(unknown.out).toContain("decision: deny");
  });

  it("fails where no policy is bound, because there is nothing to explain", async () => {
    const { code, codes } = await verbJson(configFolder(), (context) =>
      explainPolicy(context, { ...ASKED, graph: "bare" }),
    );

    expect({ code, codes }).toEqual({ code: 1, codes: ["policy_unbound"] });
  });
});
