/**
 * The contract of the engine port (lib/engine/engine.ts), run against every kind of tables with two engines over one
 * storage root: every verb, every outcome, and every way in which two writers can meet.
 */
import { afterEach, beforeEach, describe } from "vitest";
import { describeDrops } from "./engine-drops.contract.ts";
import { describeLives } from "./engine-lives.contract.ts";
import { describeRaces } from "./engine-races.contract.ts";
import { describeReads } from "./engine-reads.contract.ts";
import { describeSchema } from "./engine-schema.contract.ts";
import { type EngineBackend, openSubject, type Subject } from "./engine-subject.ts";

export function engineContract(adapter: string, open: () => Promise<EngineBackend>): void {
  describe(`the engine port, rows ${adapter}`, () => {
    let subject: Subject;
    beforeEach(async () => {
      subject = openSubject(await open());
    });
    afterEach(() => subject.close());

    describe("lives", () => describeLives(() => subject));
    describe("races", () => describeRaces(() => subject));
    describe("reads", () => describeReads(() => subject));
    describe("hard drops", () => describeDrops(() => subject));
    describe("schema", () => describeSchema(() => subject));
  });
}
