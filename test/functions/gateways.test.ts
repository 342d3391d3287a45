/** Which APIs the functions believe, and what each may say of its callers. */
import { describe, expect, it } from "vitest";
import { gatewaysOf } from "../../functions/gateways.ts";

const stage = "$default";
const issuers = { "https://issuer.example": "corp" };

describe("the APIs of a deployment", () => {
  it("are one of IAM where it knows no issuer, and one of tokens where it does", () => {
    const only = { GRAPHFORM_API_ID: "a" };

    expect(gatewaysOf(only, { issuers: {} })).toEqual([{ api_id: "a", stage, kind: "iam" }]);
    expect(gatewaysOf(only, { issuers })).toEqual([{ api_id: "a", stage, kind: "jwt" }]);
  });

  it("are two where tokens have one of their own", () => {
    expect(gatewaysOf({ GRAPHFORM_API_ID: "a", GRAPHFORM_TOKEN_API_ID: "b" }, { issuers })).toEqual([
      { api_id: "a", stage, kind: "iam" },
      { api_id: "b", stage, kind: "jwt" },
    ]);
  });
});
