/**
 * The shape of a match block: which variables a run scans, and what it would therefore drop in silence
 * (spec/query 11.2, W-03, W-10).
 *
 * Guarantees: pure. In each group of variables that traversals link, the first variable with a binding is scanned;
 * all others are reached by traversal. Only a scanned variable can carry a text search or a ranking.
 */
import type { Filter, TextCall, Traversal } from "./ast.ts";
import type { Place } from "./check-expression.ts";
import { ANONYMOUS } from "./scope.ts";
import { showExpression } from "./show-expression.ts";

/** What decides how the variables of a block hang together. */
export interface BlockShape {
  /** Variables with a binding, in source order. */
  readonly declared: readonly string[];
  readonly traversals: readonly Traversal[];
}

/** Groups of variables linked by the traversals of one block. */
export class Groups {
  private readonly leaders = new Map<string, string>();

  constructor(block: BlockShape) {
    for (const name of block.declared) this.leaderOf(name);
    for (const traversal of block.traversals) this.link(traversal);
  }

  leaderOf(name: string): string {
    let leader = name;
    for (
      let next = this.leaders.get(leader);
      next !== undefined && next !== leader;
      next = this.leaders.get(leader)
    ) {
      leader = next;
    }
    this.leaders.set(name, leader);
    return leader;
  }

  private link(traversal: Traversal): void {
    const ends = [traversal.source.text, traversal.destination.text].filter((name) => name !== ANONYMOUS);
    const [first, second] = ends;
    if (first === undefined) return;
    const leader = this.leaderOf(first);
    if (second !== undefined) this.leaders.set(this.leaderOf(second), leader);
  }
}

/** The variables that a run of this block scans. */
export function scannedVariables(scope: BlockShape): ReadonlySet<string> {
  const groups = new Groups(scope);
  const byGroup = new Map<string, string>();
  for (const name of scope.declared) {
    const leader = groups.leaderOf(name);
    if (!byGroup.has(leader)) byGroup.set(leader, name);
  }
  return new Set(byGroup.values());
}

/** Reports what a run of this block would drop. */
export function checkShape(place: Place): void {
  const { scope } = place;
  if (scope.traversals.length > 0) checkSeeds(place);
  const texts = scope.filters.filter(isTextClause);
  if (texts.length > 0) checkTexts(place, texts);
}

/** Each traversal needs a starting point: a binding in its group, or a variable of the block around (W-10). */
function checkSeeds(place: Place): void {
  const { context, scope } = place;
  const groups = new Groups(scope);
  const seeded = new Set(scope.declared.map((name) => groups.leaderOf(name)));
  for (const { source, destination } of scope.traversals) {
    for (const { text } of [source, destination]) if (scope.isOuter(text)) seeded.add(groups.leaderOf(text));
  }
  const reported = new Set<string>();
  for (const traversal of scope.traversals) {
    const named = [traversal.source, traversal.destination].find((end) => end.text !== ANONYMOUS);
    const leader = named === undefined ? ANONYMOUS : groups.leaderOf(named.text);
    if (seeded.has(leader) || reported.has(leader)) continue;
    reported.add(leader);
    const variable = named === undefined ? "$_" : `$${named.text}`;
    const message = `no variable of this traversal is bound to a type; add a binding, as in \`${variable}: Type\``;
    context.report.refuse("query_traversal_unbound", traversal.at, message);
  }
}

type TextFilter = Filter & { readonly left: TextCall };

function isTextClause(filter: Filter): filter is TextFilter {
  return filter.left.kind === "text" && filter.left.function !== "bm25";
}

function checkTexts(place: Place, filters: readonly TextFilter[]): void {
  const { context, scope } = place;
  const scanned = scannedVariables(scope);
  const searched = new Set<string>();
  for (const { left } of filters) {
    const variable = left.field.kind === "property" ? left.field.variable : null;
    if (variable !== null && scope.lookup(variable)?.kind !== "node") continue;
    if (variable === null || !scanned.has(variable)) {
      const message = `${showExpression(left)} would be ignored: only the variable that a match block starts from can be searched; bind it first`;
      context.report.warn("query_text_not_scanned", left.at, message);
      continue;
    }
    if (searched.has(variable)) {
      const message = `\`$${variable}\` is searched more than once; only one of its searches may take effect`;
      context.report.warn("query_text_repeated", left.at, message);
    }
    searched.add(variable);
    warnOfNullableQuery(place, left);
  }
}

/** A search for null drops the search (W-03). */
function warnOfNullableQuery(place: Place, call: TextCall): void {
  if (call.query.kind !== "variable") return;
  if (place.context.parameters.get(call.query.name)?.nullable !== true) return;
  const message = `parameter \`$${call.query.name}\` may be null, and a search for null finds every row`;
  place.context.report.warn("query_text_nullable", call.query.at, message);
}
