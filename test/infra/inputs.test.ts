/** What whoever deploys is told about their inputs. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { settleArchitecture } from "../../infra/architecture.ts";
import { type Inputs, readInputs } from "../../infra/inputs.ts";
import { npmAnswer } from "../../infra/npm-answer.ts";
import { settingsOf } from "../../infra/settings.ts";
import { decodeSettings, encodeSettings } from "../../lib/worker/settings.ts";
import { inputs, LEAST_INPUTS } from "./stack.ts";

const JWT = { kind: "jwt", issuer: "https://issuer.example", audience: ["graphform"], alias: "corp" };

const EXAMPLE = readFileSync("infra/example-inputs.json", "utf8");
const SSO = "iam-role:arn:aws:iam::111122223333:role/AWSReservedSSO_Admin_0123456789abcdef";
const OPEN = opened();

/** Inputs that do not say what the functions run on. */
function opened(): Inputs {
  const read = readInputs(JSON.stringify(LEAST_INPUTS), "stand-in");
  if (read.tag === "invalid") throw new Error(read.problems.join("\n"));
  return read.inputs;
}

function problems(changes: Readonly<Record<string, unknown>>): readonly string[] {
  const read = readInputs(JSON.stringify({ ...LEAST_INPUTS, ...changes }), "stand-in");
  return read.tag === "invalid" ? read.problems : [];
}

describe("the inputs", () => {
  it("need an authorizer and a first principal, and default to the safer of what could be", () => {
    expect(readInputs('{"format_version":1}', "stand-in")).toMatchObject({
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
    [
      "two authorizers that would never let the first principal in",
      { authorizer: { ...JWT, kind: "both" }, bootstrap_principal: "jwt:corporation:admin" },
      'must begin with "iam-" or "jwt:corp:"',
    ],
    [
      "a person who is mapped under an alias that no token has, and so is two actors",
      {
        authorizer: { ...JWT, kind: "both" },
        identity: {
          map: { "jwt:corporation:ana": "ana", "iam-user:arn:aws:iam::111122223333:user/ana": "ana" },
        },
      },
      'identity.map: nobody is "jwt:corporation:ana"',
    ],
    [
      "both authorizers without an issuer",
      { authorizer: { kind: "both", audience: ["graphform"], alias: "corp" } },
      "authorizer.issuer: ",
    ],
    [
      "an authorizer of IAM alone with what belongs to tokens",
      { authorizer: { ...JWT, kind: "iam" } },
      'authorizer: Unrecognized keys: "issuer"',
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
    [
      "a role to pin that is written like an identity",
      { identity: { pinned_session_roles: [SSO] } },
      "identity.pinned_session_roles.0: must be the ARN of a role",
    ],
    [
      "a role to pin that has no name",
      { identity: { pinned_session_roles: [""] } },
      "identity.pinned_session_roles.0: must be",
    ],
    [
      "more deletes in one run than any deployment allows",
      { rules: { deletes_max: 100_001 } },
      "rules.deletes_max: ",
    ],
  ])("refuse %s, and say where", (_, changes, said) => {
    expect(problems(changes).join("\n")).toContain(said);
  });

  it("are refused as a whole if they are no JSON", () => {
    expect(readInputs("{", "stand-in")).toMatchObject({
      tag: "invalid",
      problems: [expect.stringContaining("not JSON")],
    });
  });

  it("run on arm64 unless npm has no build of Lance for it, which is said", () => {
    const asked: string[] = [];
    const ask = (tag: "has" | "lacks") => (name: string) => {
      asked.push(name);
      return { tag };
    };

    expect(settleArchitecture(OPEN, "install", ask("has"))).toMatchObject({
      inputs: { architecture: "arm64" },
      note: expect.stringContaining('write "architecture": "arm64" into the inputs'),
    });
    expect(settleArchitecture(OPEN, "install", ask("lacks"))).toMatchObject({
      inputs: { architecture: "x86_64" },
      note: expect.stringMatching(/@lancedb\/lancedb-linux-arm64-gnu.*write "architecture": "x86_64"/),
    });
    expect(new Set(asked)).toEqual(new Set(["@lancedb/lancedb-linux-arm64-gnu"]));
  });

  it("ask nobody what to run on where they say it, or where the stack is only looked at", () => {
    const nobody = () => ({ tag: "unknown", reason: "asked" }) as const;
    const wanted = { ...OPEN, architecture: "x86_64" } as const;

    expect(settleArchitecture(wanted, "install", nobody)).toMatchObject({
      inputs: { architecture: "x86_64" },
      note: null,
    });
    expect(settleArchitecture(OPEN, "stand-in", nobody)).toMatchObject({ inputs: { architecture: "arm64" } });
  });

  it("choose nothing to run on while npm does not answer, because that is no word about what there is", () => {
    const silent = () => ({ tag: "unknown", reason: "code ECONNREFUSED" }) as const;

    expect(settleArchitecture(OPEN, "install", silent)).toMatchObject({
      tag: "unknown",
      problem: expect.stringMatching(/ECONNREFUSED.*"architecture": "arm64" or "x86_64"/),
    });
  });

  it.each([
    ["0.37.1\n", "", "has"],
    ["", "npm error code E404\nnpm error 404 No match found for version 0.37.1\n", "lacks"],
    ["", "npm ERR! code E404\nnpm ERR! 404 Not Found\n", "lacks"],
    ["", "npm error code E403\nnpm error 403 Forbidden\n", "unknown"],
    ["", "npm error code ECONNREFUSED\nnpm error syscall connect\n", "unknown"],
    ["", "npm error network request to https://registry.example failed, reason: E404\n", "unknown"],
    ["", "", "unknown"],
    ["0.37.0\n", "", "unknown"],
  ])("understand what npm says, %j %j, as: %s", (stdout, stderr, tag) => {
    expect(npmAnswer({ stdout, stderr }, "0.37.1").tag).toBe(tag);
  });

  it("of the example can be looked at", () => {
    expect(readInputs(EXAMPLE, "stand-in")).toMatchObject({ tag: "inputs" });
  });

  it("of the example are not deployed while they name its account, role and address, each with its place", () => {
    const read = readInputs(EXAMPLE, "install");
    const own = EXAMPLE.replaceAll("111122223333", "444455556666")
      .replaceAll("AROAEXAMPLEEXAMPLEEX", "AROA5K7WQ2M4N6P8R1T3V")
      .replaceAll("platform@example.com", "platform@corp.example");

    expect(read).toMatchObject({
      tag: "invalid",
      problems: expect.arrayContaining([
        expect.stringMatching(/^bootstrap_principal: .*the account number of the example; say your own$/),
        expect.stringMatching(/^identity\.map: "iam-role:.*graphform-ci-plan" has the account number/),
        expect.stringMatching(/^identity\.uploaders: "AWS:AROAEXAMPLEEXAMPLEEX" has the role id/),
        expect.stringMatching(/^notify: .*the address of the example/),
      ]),
    });
    expect(readInputs(own, "install")).toMatchObject({ tag: "inputs" });
  });

  it.each([
    ["is the first principal", { bootstrap_principal: `${SSO}#ana` }, "bootstrap_principal: nobody is"],
    ["is mapped", { identity: { map: { [`${SSO}#ana`]: "ana" } } }, "identity.map: nobody is"],
    [
      "has uploaded",
      { identity: { uploaders: { "AWS:AROA1": `${SSO}#ana` } } },
      "identity.uploaders: nobody is",
    ],
  ])("refuse a session of a role that is not pinned where it %s", (_, changes, said) => {
    const pinned_session_roles = [SSO.slice("iam-role:".length)];

    expect(problems(changes).join("\n")).toContain(said);
    expect(problems(changes).join("\n")).toContain(`does not hold "${pinned_session_roles[0]}"`);
    const identity = { ...("identity" in changes ? changes.identity : {}), pinned_session_roles };
    expect(problems({ ...changes, identity })).toEqual([]);
  });

  it("refuse a pinned role without a session, because nobody would be it", () => {
    const pinned_session_roles = [SSO.slice("iam-role:".length)];
    const mapped = { pinned_session_roles, map: { [SSO]: "admins" } };

    expect(problems({ bootstrap_principal: SSO, identity: { pinned_session_roles } }).join("\n")).toContain(
      "bootstrap_principal: nobody is",
    );
    expect(problems({ identity: mapped }).join("\n")).toContain("identity.map: nobody is");
    // An upload does not say whose session it was, so its role is somebody there.
    expect(problems({ identity: { ...mapped, uploaders: { "AWS:AROA1": SSO } } })).toEqual([]);
  });

  it("hold as many identities as they may, with names as long as those of permission sets, and functions read them", () => {
    const map = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, index) => [
          `${SSO}#firstname.lastname-${index}@department.example.com`,
          `firstname.lastname-${index}`,
        ]),
      );
    const pinned_session_roles = [SSO.slice("iam-role:".length)];
    const made = inputs({ identity: { map: map(10_000), pinned_session_roles } });

    expect(decodeSettings(encodeSettings(settingsOf(made)))).toMatchObject({ tag: "decoded" });
    expect(problems({ identity: { map: map(10_001), pinned_session_roles } }).join("\n")).toContain(
      "identity.map: it holds more than 10000 identities",
    );
  });

  it("are refused if the functions could not read what is made of them", () => {
    const uploaders = Object.fromEntries(
      Array.from({ length: 30_000 }, (_, index) => [`AWS:AROA${index}`, SSO]),
    );

    expect(problems({ identity: { uploaders } }).join("\n")).toMatch(
      /^settings: They are longer than \d+ bytes\. The functions would not start/,
    );
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
    ["by both", { authorizer: { ...JWT, kind: "both", group_claim: "groups" } }],
  ])("become settings that the functions read as they were meant, %s", (_, changes) => {
    const settings = settingsOf(inputs(changes));

    expect(decodeSettings(encodeSettings(settings))).toEqual({ tag: "decoded", settings });
  });

  it("let the first principal come by either of two authorizers", () => {
    const both = { authorizer: { ...JWT, kind: "both" } };

    expect(problems(both)).toEqual([]);
    expect(problems({ ...both, bootstrap_principal: "jwt:corp:admin" })).toEqual([]);
    expect(settingsOf(inputs(both)).issuers).toEqual({ "https://issuer.example": "corp" });
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
