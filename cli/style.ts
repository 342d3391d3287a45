/**
 * Style: colour where a person looks, plain text everywhere else. Colour needs a terminal and is off when NO_COLOR is
 * set to anything but the empty text.
 */
import pc from "picocolors";

export interface Style {
  /** False: every style leaves the text as it is. */
  readonly coloured: boolean;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly red: (text: string) => string;
  readonly cyan: (text: string) => string;
}

export function styleFor(isTerminal: boolean, noColor: string | undefined): Style {
  const coloured = isTerminal && !noColor;
  const { bold, dim, green, yellow, red, cyan } = pc.createColors(coloured);
  return { coloured, bold, dim, green, yellow, red, cyan };
}
