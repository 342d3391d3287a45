/** Diagnostic codes of the HTTP API: who asks, for what, and whether the request itself can be understood. */
import type { CatalogueEntry } from "../catalogue-entry.ts";

export const API_CODES = {
  api_unauthenticated: {
    severity: "error",
    summary: "The request carries no identity that this deployment accepts",
    why: "Nobody without a verified identity learns or changes anything.",
    fix: "Send a token that the deployment knows (the command line takes it from GRAPHFORM_TOKEN, or the variable of the target), or sign the request for an IAM role or user.",
  },
  api_denied: {
    severity: "error",
    summary: "The policy of the cluster does not allow it",
    why: "What is not allowed by a rule of the applied policy is denied.",
    fix: "Ask somebody who may, or have the cluster's policy changed and applied.",
  },
  api_not_found: {
    severity: "error",
    summary: "There is nothing of that name, or nothing that the caller may know of",
    why: "What a caller may not see answers like what does not exist.",
    fix: "Check the name; if it is right, ask for access to it.",
  },
  api_undecided: {
    severity: "error",
    summary: "It could not be decided whether the request is allowed",
    why: "A decision that cannot be made or recorded allows nothing.",
    fix: "Try again; if it stays, an operator finds the reason in the log under the request id.",
  },
  api_request_invalid: {
    severity: "error",
    summary: "The request cannot be understood",
    why: "Nothing is guessed from a request that does not have the documented form.",
    fix: "Compare it with the description at /v1/openapi.json.",
  },
  api_media_type_unsupported: {
    severity: "error",
    summary: "The body of the request is not of a type that the route takes",
    why: "What is sent as something else is not read as what it might be.",
    fix: "State the type that the message names: `curl -H 'content-type: application/json' --data @FILE`.",
  },
  api_request_too_large: {
    severity: "error",
    summary: "The request is longer than the API takes",
    why: "Every request is held in memory while it is checked.",
    fix: "Send large files through an upload link: POST uploads.",
  },
  api_answer_too_large: {
    severity: "error",
    summary: "The answer is longer than the API can give",
    why: "An answer must fit into what the gateway in front of the API passes on.",
    fix: "Ask for less at once. Many rows come as a file: `POST graphs/{graph}/exports`, which `graphform export` does by itself.",
  },
  api_key_reused: {
    severity: "error",
    summary: "The idempotency key belongs to another request",
    why: "One key names one request, so that sending it again can never mean something else.",
    fix: "Use a fresh key for each request, and the same key only to send the same one again.",
  },
  api_request_in_progress: {
    severity: "error",
    summary: "The request of this idempotency key is being worked on",
    why: "Of two that send it at the same time one does the work.",
    fix: "Send it again in a minute; it then answers with what came of it.",
  },
  api_page_invalid: {
    severity: "error",
    summary: "The page token is not one that was given to this caller for this list",
    why: "A list goes on only for the one who began it, and only with what that caller may see.",
    fix: "Read the list again from its beginning.",
  },
  api_unavailable: {
    severity: "error",
    summary: "Something that the API needs does not answer",
    why: "A failed read says nothing about what is there, so nothing is answered from it.",
    fix: "Try again in a moment.",
  },
  api_internal: {
    severity: "error",
    summary: "The API met a defect of its own",
    why: "It stopped rather than go on in a state that nobody foresaw.",
    fix: "Report it with the request id; sending the request again does no harm.",
  },
} as const satisfies Record<string, CatalogueEntry>;
