/** The verbs about who may do what: `policy explain`. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { type PolicyAction, parseActionFlag } from "../lib/policy/action.ts";
import {
  CHANGE_KINDS,
  CHANGE_OPERATIONS,
  CHANGE_TIERS,
  type ChangeTier,
} from "../lib/policy/change-scope.ts";
import { actorArgument, graphArgument, wholeNumberOrZero } from "./arguments.ts";
import type { Verb } from "./command-context.ts";
import { examples } from "./help-examples.ts";
import type { ExplainFlags } from "./verbs/explain-policy.ts";

type RunVerb = (command: Command, verb: Verb) => Promise<void>;

export function addPolicyVerbs(root: Command, run: RunVerb): void {
  const policy = root.command("policy").description("see what the policies of the config folder decide");
  policy
    .command("explain")
    .description("say how a request is decided under the policies of the config folder, and why")
    .requiredOption("--actor <id>", "who asks", actorArgument)
    .requiredOption("--action <action>", "what for, such as invoke_query or cluster_apply", actionArgument)
    .option(
      "--graph <graph>",
      "decide by the policy of this graph; without it, by that of the cluster",
      graphArgument,
    )
    .option("--claim <group...>", "group claims of the caller: jwt-group:<issuer>/<value>")
    .option("--branch <name>", "the branch that is read or written")
    .option("--target-branch <name>", "the branch that a change goes to")
    .option("--query <name>", "the stored query that is listed or invoked")
    .option("--via-stored-query", "the read or change is done by a stored query")
    .addOption(new Option("--kinds <kind...>", "kinds of resources that change").choices(CHANGE_KINDS))
    .addOption(new Option("--operations <operation...>", "what happens to them").choices(CHANGE_OPERATIONS))
    .option("--graphs <id...>", "graphs that change; @cluster for what belongs to none")
    .addOption(new Option("--tier <tier>", "the severest of the changes").choices(CHANGE_TIERS))
    .option("--authors <id...>", "who had a hand in the changes")
    .option("--approvers <id...>", "who approved them")
    .option("--approvals <number>", "the fewest approvals of any change", wholeNumberOrZero)
    .option("--lock-holders <id...>", "who holds the lock")
    .option("--lock-age <seconds>", "how long the lock has been held", wholeNumberOrZero)
    .addOption(new Option("--auth-source <source>", "how the caller signed in").choices(["iam", "jwt"]))
    .option("--amr <method...>", "how the caller proved who they are, such as mfa")
    .addHelpText(
      "after",
      examples([
        "graphform policy explain --actor agent-1 --action invoke_query --graph crm --query find_person",
        "graphform policy explain --actor ana --action cluster_apply --kinds query --graphs crm --operations update --tier catalog",
      ]),
    )
    .action(async (flags: PolicyFlags, command: Command) => {
      const { explainPolicy } = await import("./verbs/explain-policy.ts");
      await run(command, (context) => explainPolicy(context, explainFlags(flags)));
    });
}

type PolicyFlags = Omit<ExplainFlags, "facts"> & {
  readonly tier?: ChangeTier;
  readonly kinds?: readonly (typeof CHANGE_KINDS)[number][];
  readonly operations?: readonly (typeof CHANGE_OPERATIONS)[number][];
  readonly graphs?: readonly string[];
  readonly authors?: readonly string[];
  readonly approvers?: readonly string[];
  readonly approvals?: number;
  readonly lockHolders?: readonly string[];
  readonly lockAge?: number;
  readonly authSource?: string;
  readonly amr?: readonly string[];
};

/** What is not given stays away, so that it counts as the worst. */
function explainFlags(flags: PolicyFlags): ExplainFlags {
  const { kinds, operations, graphs, tier } = flags;
  return {
    actor: flags.actor,
    action: flags.action,
    graph: flags.graph,
    claim: flags.claim,
    branch: flags.branch,
    targetBranch: flags.targetBranch,
    query: flags.query,
    viaStoredQuery: flags.viaStoredQuery,
    facts: {
      ...(kinds === undefined ? {} : { kinds }),
      ...(operations === undefined ? {} : { operations }),
      ...(graphs === undefined ? {} : { graphs }),
      ...(tier === undefined ? {} : { max_tier: tier }),
      authors: flags.authors,
      approvers: flags.approvers,
      approval_count: flags.approvals,
      lock_holders: flags.lockHolders,
      lock_age_seconds: flags.lockAge,
      auth_source: flags.authSource,
      amr: flags.amr,
    },
  };
}

function actionArgument(text: string): PolicyAction {
  const action = parseActionFlag(text);
  if (action === null) throw new InvalidArgumentError("It takes an action of a policy, such as read.");
  return action;
}
