/** Limits of access. */

/** Longest subject, session, role or group name of an identity that is looked at, in characters. */
export const IDENTITY_CHARACTERS_MAX = 512;
/** Values of one claim that are looked at. */
export const CLAIM_VALUES_MAX = 200;
/** How long the groups of a token permit a run that was ordered with it. */
export const CLAIM_GROUPS_MS_MAX = 24 * 60 * 60 * 1000;
/** Tokens in the file of a local server. */
export const LOCAL_TOKENS_MAX = 1_000;
/** Policy engines that one process keeps compiled. */
export const ENGINES_KEPT_MAX = 200;
/** Longest policy payload that is compiled, in bytes. */
export const POLICY_PAYLOAD_BYTES_MAX = 256 * 1024;
