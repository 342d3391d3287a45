/** Diagnostic codes of the API client: what stands between a command and a deployment. */
import type { CatalogueEntry } from "../catalogue-entry.ts";

export const CLIENT_CODES = {
  deployment_unreachable: {
    severity: "error",
    summary: "The API of the deployment gave no answer",
    why: "Whether it has done what was asked is only known where nothing was to be changed.",
    fix: "Check the URL and the network. Then look with `graphform runs list` or `graphform status` before you repeat a change.",
  },
  deployment_answer_invalid: {
    severity: "error",
    summary: "The answer is not one of this API",
    why: "A document of another version, or of another program behind the URL, must not be guessed at.",
    fix: "Check the URL, and that this program is as new as the deployment.",
  },
  upload_not_received: {
    severity: "error",
    summary: "The upload did not arrive",
    why: "A link takes one upload of a limited size and holds for minutes.",
    fix: "Run the command again; it gets a new link.",
  },
  export_not_received: {
    severity: "error",
    summary: "The rows of an export did not arrive",
    why: "A link to them holds for minutes, and they are kept for less than a day.",
    fix: "Run the command again; it makes a new export.",
  },
  run_without_answer: {
    severity: "error",
    summary: "A run of the deployment has ended without an answer",
    why: "It was canceled, or it died before it could say what it did; the ledger says what was done.",
    fix: "Look with `graphform runs show RUN` and `graphform status`, then plan again.",
  },
  run_hidden: {
    severity: "warning",
    summary: "A run goes on that its caller may not look at any more",
    why: "The first policy of a cluster ends what the bootstrap principal may do, so who applies it must be in it.",
    fix: "Ask somebody whom the policy lets read the status; name yourself in the policy before you apply one.",
  },
  run_waits_for_approval: {
    severity: "warning",
    summary: "A run of the deployment waits for an approval",
    why: "What needs no approval is done; the rest happens when a second person has approved it.",
    fix: "Have it approved; the run goes on by itself then, and `graphform runs watch RUN` shows it.",
  },
  deployment_cluster_unnamed: {
    severity: "error",
    summary: "It is not known which cluster of the deployment is meant",
    why: "A deployment holds many clusters, and a guess could change the wrong one.",
    fix: "Give --cluster NAME, name it in the target, or set metadata.name in cluster.yaml: lower-case letters, digits and single hyphens.",
  },
  deployment_cluster_absent: {
    severity: "warning",
    summary: "The deployment has no cluster of this name that the caller may read",
    why: "A name that was mistyped is another cluster, and an import would begin it beside the one that is meant.",
    fix: "Check --cluster, the cluster of the target, and metadata.name; `graphform import` begins a new cluster of this name.",
  },
  deployment_reason_missing: {
    severity: "error",
    summary: "It is not said why",
    why: "Others share a deployment: who ended what may still have been at work, and why, is on record for them.",
    fix: "Give --reason TEXT.",
  },
  deployment_url_invalid: {
    severity: "error",
    summary: "The URL of the API cannot be used",
    why: "A token that is sent over plain HTTP can be read on the way; only this machine is reached without encryption.",
    fix: "Give https://HOST, or http://127.0.0.1:PORT for a server on this machine.",
  },
  deployment_credentials_missing: {
    severity: "error",
    summary: "There is nothing that proves who asks",
    why: "Tokens come from the environment and never from the command line, where everybody on the machine can read them.",
    fix: "Set the variable that the message names, or configure AWS credentials.",
  },
  target_not_named: {
    severity: "error",
    summary: "There is no target of this name",
    why: "A command for one deployment must not go to another.",
    fix: "`graphform targets list` shows the names; `graphform targets add` makes one.",
  },
  targets_file_invalid: {
    severity: "error",
    summary: "The file of targets cannot be used",
    why: "A file that is guessed at could send a command to the wrong deployment.",
    fix: "Mend or remove the file; `--on folder` and `--api URL` do without it.",
  },
  deployment_only: {
    severity: "error",
    summary: "This is a question for a deployment",
    why: "On a folder nobody else asks, so there is nobody to answer differently.",
    fix: "Give --api URL or --on TARGET.",
  },
  serve_file_invalid: {
    severity: "error",
    summary: "A file of the server cannot be used",
    why: "A server that guesses who may ask, or what is allowed, would let the wrong people in.",
    fix: "Mend the file that the message names, or leave the option out for what suits one machine.",
  },
  serve_host_open: {
    severity: "error",
    summary: "Other machines could reach the server, and nobody has said who may ask",
    why: "A server for this machine has one token for whoever starts it; others need tokens of their own.",
    fix: "Give --tokens FILE, or leave out --host; in front of other machines put a proxy that speaks TLS.",
  },
  serve_root_taken: {
    severity: "error",
    summary: "Another server works on this folder",
    why: "Two servers would take the same uploads and watch the same runs, and each would answer for half of what happens.",
    fix: "Use that server, stop it first, or give another --root.",
  },
  serve_root_unusable: {
    severity: "error",
    summary: "The folder of the server cannot be used",
    why: "A server keeps its secrets, its queues and all clusters in it.",
    fix: "Remove the cause that the message names, or give another --root.",
  },
  serve_not_listening: {
    severity: "error",
    summary: "The server cannot listen",
    why: "Another process may use the port, or the address is not one of this machine.",
    fix: "Choose another --port, or 0 for any that is free.",
  },
} as const satisfies Record<string, CatalogueEntry>;
