/** What whoever deploys is told about their inputs. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { settleArchitecture } from "../../infra/architecture.ts";
import { readInputs } from "../../infra/inputs.ts";
import { settingsOf } from "../../infra/settings.ts";
import { decodeSettings, encodeSettings } from "../../lib/worker/settings.ts";
import { inputs, LEAST_INPUTS } from "./stack.ts";

const JWT = { kind: "jwt", issuer: "https://issuer.example", audience: ["graphform"], alias: "corp" };

function problems(changes: Readonly<Record<string, unknown>>): readonly string[] {
  const read = readInputs(JSON.stringify({ ...LEAST_INPUTS, ...changes }));
  return read.tag === "invalid" ? read.problems : [];
}

describe("the inputs", () => {
  it("need an authorizer and a first principal, and default to the safer of what could be", () => {
    expect(readInputs('{"format_version":1}')).toMatchObject({
      tag: "invalid",
      problems: [expect.stringMatching(/^authorizer: /), expect.stringMatching(/^bootstrap_principal: /)],
    });
    expect(inputs()).toMatchObject({
      removal: "retain",
      omnigraph_writes: false,
      unbound_graph: "deny",
      rules: { self_approval: "refused", access_widening: "free" },
      architecture: "arm64",
    });
  });

  it.each([
    ["another key", { bootstrap: "x" }, 'Unrecognized key: "bootstrap"'],
    [
      "a role ARN with a path, which no caller's identity has",
      {
        bootstrap_principal: "iam-role:arn:aws:iam::111122223333:role/team/admin",
      },
      "bootstrap_principal: must be",
    ],
    [
      "the ARN of a session",
      {
        bootstrap_principal: "iam-role:arn:aws:sts::111122223333:assumed-role/admin/me",
      },
      "bootstrap_principal: must be",
    ],
    [
      "an authorizer that would never let the first principal in",
      { authorizer: JWT },
      'must begin with "jwt:corp:"',
    ],
    [
      "an issuer without TLS",
      { authorizer: { ...JWT, issuer: "http://issuer.example" } },
      "authorizer.issuer: ",
    ],
    ["the name of no cluster", { clusters: ["Company Brain"] }, "clusters.0: is no name of a cluster"],
    [
      "a schedule whose unit does not fit its number",
      { schedule: { watch: "rate(5 minute)" } },
      "schedule.watch: must be",
    ],
    [
      "a stack whose name leaves no room for those of its policies",
      { stack_name: "g".repeat(33) },
      "stack_name: must be",
    ],
    ["a schedule that is none", { schedule: { watch: "often" } }, "schedule.watch: must be"],
    ["an address that is none", { notify: "nobody" }, "notify: "],
    ["a worker that cannot finish anything", { worker_minutes: 1 }, "worker_minutes: "],
    ["a worker that Lambda does not allow", { worker_minutes: 16 }, "worker_minutes: "],
  ])("refuse %s, and say where", (_, changes, said) => {
    expect(problems(changes).join("\n")).toContain(said);
  });

  it("are refused as a whole if they are no JSON", () => {
    expect(readInputs("{")).toMatchObject({
      tag: "invalid",
      problems: [expect.stringContaining("not JSON")],
    });
  });

  it("run on arm64 unless npm has no build of Lance for it, which is said", () => {
    const open = readInputs(JSON.stringify(LEAST_INPUTS));
    if (open.tag === "invalid") throw new Error(open.problems.join("\n"));
    const has = (name: string) => name.includes("arm64");

    expect(settleArchitecture(open.inputs, "install", has)).toMatchObject({
      inputs: { architecture: "arm64" },
      note: null,
    });
    expect(settleArchitecture(open.inputs, "install", () => false)).toMatchObject({
      inputs: { architecture: "x86_64" },
      note: expect.stringContaining("@lancedb/lancedb-linux-arm64-gnu"),
    });
    const wanted = { ...open.inputs, architecture: "arm64" } as const;
    expect(settleArchitecture(wanted, "install", () => false).inputs.architecture).toBe("arm64");
  });

  it("of the example can be used", () => {
    expect(readInputs(readFileSync("infra/example-inputs.json", "utf8"))).toMatchObject({ tag: "inputs" });
  });

  it.each([
    ["by IAM", {}],
    [
      "by tokens",
      {
        authorizer: { ...JWT, group_claim: "groups" },
        bootstrap_principal: "jwt:corp:admin",
        clusters: ["one"],
        worker_minutes: 2,
      },
    ],
  ])("become settings that the functions read as they were meant, %s", (_, changes) => {
    const settings = settingsOf(inputs(changes));

    expect(decodeSettings(encodeSettings(settings))).toEqual({ tag: "decoded", settings });
  });

  it("reach the settings one by one, and what they leave out is what is safer", () => {
    const minutes = (count: number) => count * 60_000;

    expect(settingsOf(inputs())).toMatchObject({
      bootstrap_principal: LEAST_INPUTS.bootstrap_principal,
      issuers: {},
      group_claims: {},
      clusters: null,
      rules: {
        ...{ self_approval: "refused", access_widening: "free", deletes_max: 3 },
        delete_grace_ms: minutes(7 * 24 * 60),
      },
      unbound_graph: "deny",
      // Less than the function lives: it stops in time to say what it did.
      invocation_ms: minutes(5) - 45_000,
    });
    expect(
      settingsOf(
        inputs({
          authorizer: { ...JWT, group_claim: "groups" },
          bootstrap_principal: "jwt:corp:admin",
          clusters: ["one"],
          grace_days: 30,
          worker_minutes: 2,
          unbound_graph: "read",
          rules: { self_approval: "allowed", access_widening: "gated", deletes_max: 0 },
          identity: {
            map: { "jwt:corp:a": "ana" },
            pinned_session_roles: ["arn:aws:iam::111122223333:role/ci"],
            uploaders: { "AWS:AROACI": "iam-role:arn:aws:iam::111122223333:role/ci" },
          },
        }),
      ),
    ).toEqual({
      format_version: 1,
      bootstrap_principal: "jwt:corp:admin",
      issuers: { "https://issuer.example": "corp" },
      group_claims: { corp: "groups" },
      identity_map: { "jwt:corp:a": "ana" },
      pinned_session_roles: ["arn:aws:iam::111122223333:role/ci"],
      uploaders: { "AWS:AROACI": "iam-role:arn:aws:iam::111122223333:role/ci" },
      clusters: ["one"],
      rules: {
        ...{ self_approval: "allowed", access_widening: "gated", deletes_max: 0 },
        delete_grace_ms: minutes(30 * 24 * 60),
      },
      unbound_graph: "read",
      invocation_ms: minutes(2) - 45_000,
    });
  });
});
