/** Arguments of the command line as values. */
import { InvalidArgumentError } from "commander";

export function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError("It takes a whole number from 1.");
  return number;
}

/** Who acts is recorded for ever, so a variable that was empty must not become nobody. */
export function actorArgument(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("It takes the name of a person or a program.");
  return text;
}

/** `knowledge`, or `graph.knowledge` as outputs write it; whether there is such a graph the verb tells. */
export function graphArgument(text: string): string {
  return text.replace(/^graph\./, "");
}

/** One more `--target`. */
export function targetArgument(text: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), graphArgument(text)];
}
