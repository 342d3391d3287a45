/** The parser against a second reading of its grammar: both take the same texts (spec/query 2). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseQueryFile } from "../../lib/query/parse.ts";
import { type Draw, FILE, QUERY } from "./grammar-model.ts";

const NESTING = 8;

/** Numbers in the order in which the model draws them; once they are used up they begin again. */
const draws = fc.array(fc.nat(), { minLength: 40, maxLength: 400 }).map((numbers): Draw => {
  let next = 0;
  return (end) => numbers[next++ % numbers.length]! % end;
});

const isParsed = (tokens: readonly string[]): boolean =>
  parseQueryFile(tokens.join(" "), "f.gq").tag === "parsed";

/** `return { $m as }` returns the name `as`, and an operator may be the name that stands on its own left: nobody means either. */
function isOddity(tokens: readonly string[]): boolean {
  const joined = ` ${tokens.join(" ")} `;
  return / as (?![a-z_])| (contains|starts_with) (=|[!<>]=?|contains|starts_with) /.test(joined);
}

describe("the parser", () => {
  it("reads every text that the grammar writes", () => {
    fc.assert(
      fc.property(draws, (draw) => {
        const tokens = QUERY.write(draw, NESTING);
        const model = FILE.read(tokens, 0) === tokens.length;

        if (!isOddity(tokens))
          expect({ tokens, parsed: isParsed(tokens) }).toEqual({ tokens, parsed: model });
      }),
      { numRuns: 500 },
    );
  });

  it("takes and refuses what the grammar takes and refuses once one token is lost, doubled or put elsewhere", () => {
    fc.assert(
      fc.property(draws, fc.nat(), fc.nat(), fc.nat(2), (draw, from, to, damage) => {
        const tokens = [...QUERY.write(draw, NESTING)];
        const moved = tokens[from % tokens.length]!;
        tokens.splice(to % tokens.length, damage === 2 ? 0 : 1, ...(damage === 0 ? [] : [moved]));
        const model = FILE.read(tokens, 0) === tokens.length;

        if (!isOddity(tokens))
          expect({ tokens, parsed: isParsed(tokens) }).toEqual({ tokens, parsed: model });
      }),
      { numRuns: 1_500 },
    );
  });
});
