/** What a rule of cdk-nag finds and why it stays: the only way to say so, always with the reason. */
import { Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/** `id`: the rule, or the rule with its finding in brackets. */
export function acknowledge(construct: IConstruct, id: string, reason: string): void {
  Validations.of(construct).acknowledge({ id, reason });
}
