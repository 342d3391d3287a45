/** The functions of a deployment: one file of `functions/` each. */
export const HANDLER_NAMES = [
  "api",
  "operate",
  "intake",
  "plan",
  "apply",
  "schedule",
  "dead-letter",
] as const;

export type HandlerName = (typeof HANDLER_NAMES)[number];
