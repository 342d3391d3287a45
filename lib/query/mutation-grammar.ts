/**
 * The part of the grammar that mutations are written in, and what match blocks share with it (spec/query 2.1,
 * `MutationBody`).
 *
 * Guarantees: as `query-grammar.ts`, which extends it.
 */
import type { IOrAlt } from "chevrotain";
import type {
  Assignment,
  CompareOp,
  Delete,
  Insert,
  Mutation,
  MutationBody,
  Predicate,
  PropMatch,
  Update,
} from "./ast.ts";
import { ExpressionGrammar } from "./expression-grammar.ts";
import * as t from "./tokens.ts";

export class MutationGrammar extends ExpressionGrammar {
  protected readonly propMatch = this.RULE("propMatch", (): PropMatch => {
    const property = this.nameOf(this.CONSUME(t.Identifier));
    this.CONSUME(t.Colon);
    return { property, value: this.SUBRULE(this.value) };
  });

  private comparisons: IOrAlt<CompareOp>[] | undefined;
  protected readonly comparison = this.RULE("comparison", (): CompareOp => {
    this.comparisons ??= [t.GreaterOrEqual, t.LessOrEqual, t.NotEqual, t.Greater, t.Less, t.Equal].map(
      (type, index) => ({ ALT: () => this.consume(index, type).image as CompareOp }),
    );
    return this.OR(this.comparisons);
  });

  protected readonly mutationBody = this.RULE("mutationBody", (): MutationBody => {
    const mutations: Mutation[] = [];
    this.AT_LEAST_ONE(() => {
      const mutation = this.OR<Mutation>([
        { ALT: () => this.SUBRULE(this.insert) },
        { ALT: () => this.SUBRULE(this.update) },
        { ALT: () => this.SUBRULE(this.remove) },
      ]);
      mutations.push(mutation);
    });
    return { kind: "mutation", mutations };
  });

  private readonly insert = this.RULE("insert", (): Insert => {
    const at = this.CONSUME(t.Word.insert).startOffset;
    const type = this.nameOf(this.CONSUME(t.TypeName));
    return { kind: "insert", type, assignments: this.SUBRULE(this.assignments), at };
  });

  private readonly update = this.RULE("update", (): Update => {
    const at = this.CONSUME(t.Word.update).startOffset;
    const type = this.nameOf(this.CONSUME(t.TypeName));
    this.CONSUME(t.Word.set);
    const assignments = this.SUBRULE(this.assignments);
    this.CONSUME(t.Word.where);
    return { kind: "update", type, assignments, predicate: this.SUBRULE(this.predicate), at };
  });

  private readonly remove = this.RULE("delete", (): Delete => {
    const at = this.CONSUME(t.Word.delete).startOffset;
    const type = this.nameOf(this.CONSUME(t.TypeName));
    this.CONSUME(t.Word.where);
    return { kind: "delete", type, predicate: this.SUBRULE(this.predicate), at };
  });

  private readonly assignments = this.RULE("assignments", (): readonly Assignment[] => {
    const assignments: Assignment[] = [];
    this.CONSUME(t.LeftBrace);
    this.AT_LEAST_ONE(() => {
      assignments.push(this.SUBRULE(this.propMatch));
      this.OPTION(() => this.CONSUME(t.Comma));
    });
    this.CONSUME(t.RightBrace);
    return assignments;
  });

  private readonly predicate = this.RULE("predicate", (): Predicate => {
    const property = this.nameOf(this.CONSUME(t.Identifier));
    const op = this.SUBRULE(this.comparison);
    return { property, op, value: this.SUBRULE(this.value) };
  });
}
