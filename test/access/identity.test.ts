/** Identities from the request context of a gateway, in both forms (spec/policy 5.8). */
import { describe, expect, test } from "vitest";
import { type IdentitySettings, identifyGateway } from "../../lib/access/identity.ts";

const GATEWAYS = [
  { api_id: "api1", stage: "prod", kind: "iam" },
  { api_id: "api2", stage: "prod", kind: "jwt" },
] as const;
const ISSUER = "https://login.example.com/";
const SETTINGS: IdentitySettings = {
  issuers: { [ISSUER]: "login" },
  group_claims: { login: "groups" },
  identity_map: {
    "jwt:login:alice": "act-alice",
    "iam-user:arn:aws:iam::111122223333:user/alice": "act-alice",
  },
  pinned_session_roles: ["arn:aws:iam::111122223333:role/sso-people"],
};

const own = { apiId: "api1", stage: "prod" };
const tokens = { apiId: "api2", stage: "prod" };
const role = (name: string, session = "s1") => `arn:aws:sts::111122223333:assumed-role/${name}/${session}`;
const iam = (userArn: string) => ({ ...own, authorizer: { iam: { userArn } } });
const jwt = (claims: object) => ({ ...tokens, authorizer: { jwt: { claims: { iss: ISSUER, ...claims } } } });
const identify = (context: unknown, authorization: string | null = null) =>
  identifyGateway({ context, authorization }, GATEWAYS, SETTINGS);
const bearer = (claims: object) => {
  const payload = Buffer.from(JSON.stringify(claims), "utf8").toString("base64url");
  return `Bearer e30.${payload}.c2ln`;
};

describe("an IAM identity", () => {
  test("is the role without its session, which is kept for the audit", () => {
    expect(identify(iam(role("kg-ci", "run-7")))).toEqual({
      actor: "iam-role:arn:aws:iam::111122223333:role/kg-ci",
      canonical: "iam-role:arn:aws:iam::111122223333:role/kg-ci",
      source: "iam",
      session: "run-7",
      amr: [],
      claim_groups: [],
    });
  });

  test("holds the session where the deployment says that the role pins it", () => {
    expect(identify(iam(role("sso-people", "alice@example.com")))?.canonical).toBe(
      "iam-role:arn:aws:iam::111122223333:role/sso-people#alice@example.com",
    );
  });

  test("is the user, mapped to the actor that the deployment names", () => {
    expect(identify(iam("arn:aws:iam::111122223333:user/alice"))).toMatchObject({
      actor: "act-alice",
      canonical: "iam-user:arn:aws:iam::111122223333:user/alice",
    });
  });

  test("keeps the partition and the path that its ARN has", () => {
    expect(identify(iam("arn:aws-us-gov:iam::111122223333:user/team/a/bob"))?.canonical).toBe(
      "iam-user:arn:aws-us-gov:iam::111122223333:user/team/a/bob",
    );
    expect(identify(iam("arn:aws-cn:sts::111122223333:assumed-role/r/s"))?.canonical).toBe(
      "iam-role:arn:aws-cn:iam::111122223333:role/r",
    );
  });

  test("is read from the first form of the context too", () => {
    expect(identify({ ...own, identity: { userArn: role("kg-ci") } })?.actor).toBe(
      "iam-role:arn:aws:iam::111122223333:role/kg-ci",
    );
  });

  test.each([
    ["the root of the account", "arn:aws:iam::111122223333:root"],
    ["a federated user", "arn:aws:sts::111122223333:federated-user/bob"],
    ["no ARN", "alice"],
    ["a role with something behind its session", `${role("kg-ci")}/more`],
    ["an ARN that is endless", iam(role("r", "s".repeat(600))).authorizer.iam.userArn],
  ])("is refused if it is %s", (_, arn) => {
    expect(identify(iam(arn))).toBeNull();
  });
});

describe("a token's identity", () => {
  test("is issuer alias and subject, mapped to the same actor as the person's IAM user", () => {
    const token = { iss: ISSUER, sub: "alice", amr: ["pwd", "mfa"], groups: ["engineers", "ops"] };
    const flat = { sub: "alice", amr: "[pwd mfa]", groups: "[engineers ops]" };
    expect(identify(jwt(flat), bearer(token))).toEqual({
      actor: "act-alice",
      canonical: "jwt:login:alice",
      source: "jwt",
      session: null,
      amr: ["pwd", "mfa"],
      claim_groups: ["jwt-group:login/engineers", "jwt-group:login/ops"],
    });
  });

  test("is read from the first form of the context too, whose lists are flattened otherwise", () => {
    const claims = { iss: ISSUER, sub: "bob", amr: "pwd,mfa" };
    const token = { iss: ISSUER, sub: "bob", amr: ["pwd", "mfa"] };
    expect(identify({ ...tokens, authorizer: { claims } }, bearer(token))).toMatchObject({
      actor: "jwt:login:bob",
      amr: ["pwd", "mfa"],
    });
  });

  test.each([
    ["nothing tells whether it is one value or two", "[dev ops]"],
    ["nothing tells whether a comma parts values", "dev,ops"],
    ["one value has a blank outside of brackets", "dev ops"],
    ["a bracketed list has commas", "[a, b]"],
    ["a value is empty", "a,,b"],
    ["a value is a bracket", "[[a] b]"],
    ["it is a number", 7],
    ["an element is no text", ["a", 7]],
  ])("has no group at all if %s, because the values cannot be told apart", (_, groups) => {
    expect(identify(jwt({ sub: "bob", groups }))?.claim_groups).toEqual([]);
  });

  test.each([
    ["its issuer is unknown", { iss: "https://evil.example.com/", sub: "alice" }],
    ["its issuer is a name that every object has", { iss: "constructor", sub: "alice" }],
    ["it has no subject", {}],
    ["its subject is empty", { sub: "" }],
    ["its subject holds a line break", { sub: "a\nb" }],
  ])("is refused if %s", (_, claims) => {
    expect(identify(jwt(claims))).toBeNull();
  });

  test("has the one group of a plain text without its token", () => {
    expect(identify(jwt({ sub: "bob", groups: "ops" }))?.claim_groups).toEqual(["jwt-group:login/ops"]);
  });

  test.each(["[admins]", "[dev ops]", "[]", "[[admins]]"])(
    "has no group and no proof of a text in brackets without its token: %s",
    (text) => {
      for (const authorization of [null, bearer({ iss: ISSUER, sub: "eve", groups: ["admins"] })]) {
        const identified = identify(jwt({ sub: "bob", groups: text, amr: text }), authorization);
        expect(identified).toMatchObject({ canonical: "jwt:login:bob", claim_groups: [], amr: [] });
      }
    },
  );

  test.each([
    ["a list of one", ["admins"], ["jwt-group:login/admins"]],
    ["a text that has the brackets itself", "[admins]", []],
    ["nothing", undefined, []],
  ])("has the groups that its token has, where that is %s", (_, groups, expected) => {
    const token = bearer({ iss: ISSUER, sub: "bob", groups });
    expect(identify(jwt({ sub: "bob", groups: "[admins]" }), token)?.claim_groups).toEqual(expected);
  });

  test("has the groups of a token that came without a scheme, which gateways take too", () => {
    const token = bearer({ iss: ISSUER, sub: "bob", groups: ["dev", "ops"] }).replace("Bearer ", "");
    expect(identify(jwt({ sub: "bob", groups: "[dev ops]" }), token)?.claim_groups).toEqual([
      "jwt-group:login/dev",
      "jwt-group:login/ops",
    ]);
  });

  test("is not in a group whose name is a part of the name of its own", () => {
    const token = { iss: ISSUER, sub: "bob", groups: ["dev admins"] };
    expect(identify(jwt({ sub: "bob", groups: "[dev admins]" }), bearer(token))?.claim_groups).toEqual([]);
  });

  test.each([
    ["another subject's", bearer({ iss: ISSUER, sub: "eve", groups: ["dev", "ops"] })],
    ["another issuer's", bearer({ iss: "https://evil.example.com/", sub: "bob", groups: ["dev", "ops"] })],
    ["of other groups", bearer({ iss: ISSUER, sub: "bob", groups: ["dev", "admins"] })],
    ["one of two", `${bearer({ iss: ISSUER, sub: "bob", groups: ["dev", "ops"] })},${bearer({})}`],
    ["no token", "Bearer e30.bm9uc2Vuc2U.c2ln"],
    [
      "of another scheme",
      bearer({ iss: ISSUER, sub: "bob", groups: ["dev", "ops"] }).replace("Bearer", "Basic"),
    ],
  ])("takes no groups from a header that is %s", (_, authorization) => {
    const identified = identify(jwt({ sub: "bob", groups: "[dev ops]" }), authorization);
    expect(identified).toMatchObject({ canonical: "jwt:login:bob", claim_groups: [] });
  });

  test("takes no groups from a claim that the deployment does not name", () => {
    expect(identify(jwt({ sub: "bob", "cognito:groups": "admins" }))?.claim_groups).toEqual([]);
  });
});

describe("a context", () => {
  test("with two identities is nobody, whichever they are", () => {
    const claims = { iss: ISSUER, sub: "alice" };
    const arn = { userArn: role("kg-ci") };
    for (const at of [own, tokens]) {
      for (const authorizer of [
        { iam: arn, jwt: { claims } },
        { iam: arn, claims },
        { iam: arn, jwt: { claims: {} } },
        { iam: { userArn: "nobody" }, jwt: { claims } },
        { jwt: { claims }, claims },
      ]) {
        expect(identify({ ...at, authorizer })).toBeNull();
      }
      expect(identify({ ...at, authorizer: { jwt: { claims } }, identity: arn })).toBeNull();
    }
  });

  test("with an identity of the kind that its API does not verify is nobody", () => {
    const [arn, token] = [iam(role("kg-ci")), jwt({ sub: "alice" })];

    expect(identify(arn)).not.toBeNull();
    expect(identify(token)).not.toBeNull();
    expect(identify({ ...arn, ...tokens })).toBeNull();
    expect(identify({ ...token, ...own })).toBeNull();
    expect(identify({ ...tokens, identity: { userArn: role("kg-ci") } })).toBeNull();
    expect(identify({ ...own, authorizer: { claims: { iss: ISSUER, sub: "alice" } } })).toBeNull();
  });

  test("of another API or stage is nobody", () => {
    expect(identify({ ...iam(role("kg-ci")), apiId: "api3" })).toBeNull();
    expect(identify({ ...iam(role("kg-ci")), stage: "test" })).toBeNull();
  });

  test.each([[null], [undefined], ["text"], [[]], [{}], [own], [{ ...own, authorizer: null }]])(
    "that says nothing is nobody: %j",
    (context) => {
      expect(identify(context)).toBeNull();
    },
  );
});
