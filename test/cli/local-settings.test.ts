/** The settings of a server on this machine: who may begin, and who is behind an identity. */
import { expect, it } from "vitest";
import { localSettings } from "../../cli/serve/local-settings.ts";
import { localToken } from "../../lib/access/local-tokens.ts";

const TOKENS = [
  localToken("ana-laptop", "ana", "a".repeat(24)),
  localToken("chloe", "chloe", "b".repeat(24)),
];

it("name the actor of each token, so that what somebody drops into the inbox is theirs as what they ask for is", () => {
  const read = localSettings(null, TOKENS);
  expect(read).toMatchObject({
    tag: "settings",
    settings: {
      bootstrap_principal: "local:ana-laptop",
      identity_map: { "local:ana-laptop": "ana", "local:chloe": "chloe" },
      rules: { self_approval: "refused" },
    },
  });
});
