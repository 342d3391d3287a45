/** What a check says of the history: the chain of receipts, the heads, who owns the root, what is protected. Pure. */
import { assertNever } from "../digest/assert.ts";
import type { PastCommit } from "../ledger/follow-history.ts";
import { DEPLOYMENT_KEY, HEADS_PREFIX, headKey, RECEIPTS_PREFIX, receiptKey } from "../ledger/keys.ts";
import { PROTECTION_KEY, protectionsOf } from "../ledger/protection.ts";
import { factsOf, type JudgedFact } from "./fsck-fact.ts";
import type { FsckReadings } from "./fsck-readings.ts";
import type { HistoryGap, WholeHistory } from "./whole-history.ts";

const history = factsOf("history");
const deployment = factsOf("deployment");
const protection = factsOf("protection");

export function historyFacts({ history: whole, heads }: FsckReadings): readonly JudgedFact[] {
  if (whole === null) return [];
  if (whole.tag === "unavailable") {
    const statement = `The history cannot be read: ${whole.reason}.`;
    return [
      history.unknown(RECEIPTS_PREFIX, statement, "Restore access to the storage root and check again."),
    ];
  }
  return [...chainFacts(whole), ...headFacts(whole, heads)];
}

type Found = Extract<WholeHistory, { tag: "history" }>;

function chainFacts({ commits, gaps, limit }: Found): readonly JudgedFact[] {
  const [newest] = commits;
  const oldest = commits.at(-1);
  const range =
    newest === undefined || oldest === undefined ? null : `revision ${newest.revision} to ${oldest.revision}`;
  const whole = gaps.length === 0 && limit === null;
  const end = whole ? ", which is the first commit" : "";
  const statement = `The chain of ${commits.length} receipts holds from ${range}${end}.`;
  const chain = range === null || gaps.length > 0 ? [] : [history.proven(RECEIPTS_PREFIX, statement)];
  const cut =
    limit === null
      ? []
      : [
          history.unknown(
            RECEIPTS_PREFIX,
            `The history below revision ${limit.revision + 1} was not checked, because it is too long.`,
            null,
          ),
        ];
  return [...chain, ...gaps.map(gapFact), ...cut];
}

/** What is gone cannot be told; what is there and is something else contradicts who names it. */
function gapFact({ at, lost, detail, next }: HistoryGap): JudgedFact {
  const key = receiptKey(at.revision, at.commit_id);
  const onwards =
    next === null ? "nothing older is known" : `the history goes on at revision ${next.revision}`;
  const statement = `The receipt of revision ${at.revision} cannot be used: ${detail}; ${onwards}.`;
  const fix =
    "Restore the object from a backup or from an older version of the bucket; no command can make it again.";
  return lost ? history.unknown(key, statement, fix) : history.contradicted(key, statement, fix);
}

function headFacts(whole: Found, read: FsckReadings["heads"]): readonly JudgedFact[] {
  if (read.tag === "unavailable") {
    const statement = `The heads cannot be read: ${read.reason}.`;
    return [history.unknown(HEADS_PREFIX, statement, "Restore access to the storage root and check again.")];
  }
  const byRevision = new Map(whole.commits.map((commit) => [commit.revision, commit]));
  const lowest = whole.commits.at(-1)?.revision ?? 0;
  const complete = whole.gaps.length === 0;
  const facts = [...read.heads].flatMap(([revision, head]): readonly JudgedFact[] => {
    const receipt = byRevision.get(revision);
    const key = headKey(revision);
    const fix = "Find out who wrote it; restore the object from a backup.";
    if (head === null) {
      return [history.contradicted(key, `The head of revision ${revision} is damaged.`, fix)];
    }
    if (receipt === undefined) {
      if (!complete || revision < lowest) return [];
      const statement = `The head of revision ${revision} names a commit that is not in the history.`;
      return [history.contradicted(key, statement, fix)];
    }
    if (receipt.commit_id === head.commit_id) return [];
    const statement = `The head of revision ${revision} names another commit than the history has.`;
    return [history.contradicted(key, statement, fix)];
  });
  const good = read.heads.size - facts.length;
  const sum = history.proven(HEADS_PREFIX, `${good} heads name the commits of the history.`);
  return [...(good === 0 ? [] : [sum]), ...facts, ...missingHeads(whole.commits, read.heads)];
}

/** The newest one is the ledger's own matter; an older one that is gone can only have been removed. */
function missingHeads(
  commits: readonly PastCommit[],
  heads: ReadonlyMap<number, unknown>,
): readonly JudgedFact[] {
  return commits.slice(1).flatMap(({ revision }) => {
    if (heads.has(revision)) return [];
    const statement = `Revision ${revision} has no head any more, so an older ledger of it could not be told from the true one.`;
    const fix = "Restore the object from a backup if you have one; the chain of receipts is not harmed.";
    return [history.unknown(headKey(revision), statement, fix)];
  });
}

export function deploymentFacts({ deployment: check, reading }: FsckReadings): readonly JudgedFact[] {
  switch (check.tag) {
    case "ours": {
      const { owner } = check.deployment;
      return [
        deployment.consistent(DEPLOYMENT_KEY, `The storage root belongs to ${owner}, under this lease.`),
      ];
    }
    case "absent": {
      if (reading.tag !== "ready" || reading.marker === null) return [];
      const statement = "Nobody owns the storage root, although Graphform has committed to it.";
      const fix = "Restore the object from a backup; else the next command that takes the lock owns it.";
      return [deployment.unknown(DEPLOYMENT_KEY, statement, fix, { tag: "refresh" })];
    }
    case "refused":
      return check.diagnostics.map(({ code, message, fix }) =>
        code === "deployment_invalid"
          ? deployment.contradicted(DEPLOYMENT_KEY, message, fix)
          : deployment.unknown(DEPLOYMENT_KEY, message, fix),
      );
    default:
      return assertNever(check);
  }
}

/** The receipt says what is protected; the mirror in the ledger must say the same, and the graph must be there. */
export function protectionFacts({ reading }: FsckReadings): readonly JudgedFact[] {
  if (reading.tag !== "ready") return [];
  const { receipt, state } = reading;
  const mirrored = protectionsOf(null, state);
  const graphs = [...protectionsOf(receipt, state).keys()];
  const surplus = [...mirrored.keys()].filter((graph) => !graphs.includes(graph));
  const facts = graphs.map((graph) => {
    const subject = `graph.${graph}`;
    if (!mirrored.has(graph)) {
      const statement = `${subject} is protected, but the ledger does not show it at ${PROTECTION_KEY}.`;
      const fix = "A refresh shows it again; who protected it stands in the history.";
      return protection.contradicted(subject, statement, fix, { tag: "refresh" });
    }
    if (subject in state.applied_revision.resources) {
      return protection.consistent(subject, `${subject} is protected, in receipt and ledger.`);
    }
    const statement = `${subject} is protected, but the ledger has no such graph.`;
    const fix =
      "Restore the graph or apply the config that declares it; else end its protection with `graphform unprotect`.";
    return protection.contradicted(subject, statement, fix);
  });
  const extra = surplus.map((graph) => {
    const statement = `The ledger shows graph.${graph} as protected, and its receipt does not.`;
    const fix = "It is not protected. A refresh takes it out; protect the graph if that is what is wanted.";
    return protection.contradicted(`graph.${graph}`, statement, fix, { tag: "refresh" });
  });
  return [...facts, ...extra];
}
