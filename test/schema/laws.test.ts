/** Laws that hold for every legal schema (spec/schema 6, 7). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeIr, encodeIr } from "../../lib/schema/ir-codec.ts";
import { identityIds, verifyIr } from "../../lib/schema/ir-verify.ts";
import { planMigration } from "../../lib/schema/planner.ts";
import { shapeDigest } from "../../lib/schema/shape.ts";
import { accept, compiled } from "./accept.ts";
import { layout, PLAIN, schemaModel, writeModel } from "./arbitrary-schema.ts";
import { printShape } from "./print-shape.ts";

const RUNS = { numRuns: 150 };

describe("the shape of a schema", () => {
  it("is kept by printing and compiling it again", () => {
    fc.assert(
      fc.property(schemaModel, (model) => {
        const { shape } = compiled(writeModel(model, PLAIN));
        expect(compiled(printShape(shape)).shape).toEqual(shape);
      }),
      RUNS,
    );
  });

  it("has one digest in whatever order and with whatever noise it is written (spec/schema 6.1)", () => {
    fc.assert(
      fc.property(schemaModel, layout, (model, how) => {
        const plain = shapeDigest(compiled(writeModel(model, PLAIN)).shape);
        expect(shapeDigest(compiled(writeModel(model, how)).shape)).toBe(plain);
      }),
      RUNS,
    );
  });
});

describe("an accepted schema", () => {
  it("is valid, and is what it was after being stored", () => {
    fc.assert(
      fc.property(schemaModel, (model) => {
        const ir = accept(writeModel(model, PLAIN));
        expect(verifyIr(ir)).toEqual([]);
        expect(decodeIr(encodeIr(ir))).toEqual({ tag: "decoded", ir });
      }),
      RUNS,
    );
  });

  it("is itself when it is accepted again in another layout, and the plan to it is empty", () => {
    fc.assert(
      fc.property(schemaModel, layout, (model, how) => {
        const ir = accept(writeModel(model, PLAIN));
        const again = accept(writeModel(model, how), ir);
        expect(again).toEqual(ir);
        expect(planMigration(ir, again, { data_loss: false })).toEqual({ supported: true, steps: [] });
      }),
      RUNS,
    );
  });

  it("never gives an id again that any schema before it had (spec/schema 6.3)", () => {
    fc.assert(
      fc.property(fc.array(schemaModel, { minLength: 2, maxLength: 5 }), (models) => {
        let accepted = accept("");
        const everGiven = new Set<number>();
        for (const model of models) {
          const next = accept(writeModel(model, PLAIN), accepted);
          const before = new Set(identityIds(accepted));
          for (const id of identityIds(next)) {
            expect(before.has(id) || !everGiven.has(id)).toBe(true);
            everGiven.add(id);
          }
          expect(verifyIr(next)).toEqual([]);
          accepted = next;
        }
      }),
      RUNS,
    );
  });
});

describe("a plan between any two schemas", () => {
  it("is supported exactly when it holds no unsupported step, and is the same every time", () => {
    fc.assert(
      fc.property(schemaModel, schemaModel, fc.boolean(), (from, to, data_loss) => {
        const before = accept(writeModel(from, PLAIN));
        const after = accept(writeModel(to, PLAIN), before);
        const plan = planMigration(before, after, { data_loss });
        expect(plan.supported).toBe(plan.steps.every((each) => each.kind !== "unsupported_change"));
        expect(planMigration(before, after, { data_loss })).toEqual(plan);
        const softened = plan.steps.map((each) => ("mode" in each ? { ...each, mode: "soft" } : each));
        expect(softened).toEqual(planMigration(before, after, { data_loss: false }).steps);
      }),
      RUNS,
    );
  });

  it("leads nowhere new once it is done: the plan from its end to the same text is empty", () => {
    fc.assert(
      fc.property(schemaModel, schemaModel, (from, to) => {
        const text = writeModel(to, PLAIN);
        const after = accept(text, accept(writeModel(from, PLAIN)));
        expect(planMigration(after, accept(text, after), { data_loss: false }).steps).toEqual([]);
      }),
      RUNS,
    );
  });

  it("holds nothing but renames when every node and edge is renamed by a hint (spec/schema 6.4)", () => {
    fc.assert(
      fc.property(schemaModel, (model) => {
        // Prepare
        const text = writeModel(model, PLAIN);
        const before = accept(text);
        const renamed = text
          .replace(
            /\b(node|edge) ([NE])([abc])\b( : \w+ -> \w+(?: @card\(\d+\.\.\d*\))?)?/g,
            '$1 New$2$3$4 @rename_from("$2$3")',
          )
          .replace(/: N([abc]) -> N([abc])/g, ": NewN$1 -> NewN$2");

        // Act
        const after = accept(renamed, before);
        const plan = planMigration(before, after, { data_loss: false });

        // Assess
        expect(new Set(identityIds(after))).toEqual(new Set(identityIds(before)));
        expect(plan.steps.map((each) => each.kind)).toEqual(
          [...before.nodes, ...before.edges].map(() => "rename_type"),
        );
      }),
      RUNS,
    );
  });
});
