/** Publishing and reading a chain over a store that fails, conflicts, and loses answers (design 4.4, 4.5, 4.7). */
import { describe, expect, it } from "vitest";
import type { GraphId } from "../../lib/digest/ids.ts";
import { publish, readHead, readVersion } from "../../lib/engine/chain.ts";
import { PUBLISH_TRIES_MAX, READ_TRIES_MAX } from "../../lib/engine/limits.ts";
import type { Manifest } from "../../lib/engine/manifest.ts";
import { manifestKey } from "../../lib/engine/paths.ts";
import type { StoreAccess } from "../../lib/engine/repeat.ts";
import { createMemoryBackend } from "../../lib/memory/backend.ts";
import { createManualClock } from "../../lib/memory/clock.ts";
import { createMemoryObjectStore } from "../../lib/memory/object-store.ts";
import type { ObjectStore, WriteOutcome } from "../../lib/ports/object-store.ts";
import { LIVE_MANIFEST } from "./manifests.ts";

const GRAPH = "company" as GraphId;
const OTHER: Manifest = {
  ...LIVE_MANIFEST,
  operation_id: "01H5ZK3Q8YV6T2N4M7R9S1B3CZ" as Manifest["operation_id"],
};

interface Harness {
  readonly access: StoreAccess;
  readonly store: ObjectStore;
  readonly puts: WriteOutcome["tag"][];
}

type Answer = "act" | "conflict" | "ambiguous" | "ambiguous_landed" | "unavailable";

/** A store whose puts are answered by the list, then act. */
function harness(answers: readonly Answer[]): Harness {
  const store = createMemoryObjectStore(createMemoryBackend());
  const puts: WriteOutcome["tag"][] = [];
  const left = [...answers];
  const putIfAbsent: ObjectStore["putIfAbsent"] = async (key, bytes) => {
    const outcome = await answer(left.shift() ?? "act", () => store.putIfAbsent(key, bytes));
    puts.push(outcome.tag);
    return outcome;
  };
  return { store, puts, access: { store: { ...store, putIfAbsent }, clock: createManualClock(0) } };
}

async function answer(kind: Answer, act: () => Promise<WriteOutcome>): Promise<WriteOutcome> {
  switch (kind) {
    case "act":
      return act();
    case "conflict":
      return { tag: "conflict" };
    case "ambiguous_landed":
      await act();
      return { tag: "ambiguous", reason: "no answer" };
    case "ambiguous":
    case "unavailable":
      return { tag: kind, reason: "no answer" };
  }
}

const always = (each: Answer): Answer[] => Array.from({ length: 20 }, () => each);

describe("publishing", () => {
  it.each<[Answer[], string]>([
    [["act"], "done"],
    [["conflict", "act"], "done"],
    [["unavailable", "unavailable", "act"], "done"],
    [["ambiguous", "act"], "done"],
    [["ambiguous_landed"], "done"],
    [["ambiguous_landed", "unavailable", "unavailable", "unavailable"], "done"],
    [always("ambiguous_landed"), "done"],
    [always("ambiguous"), "ambiguous"],
    [["ambiguous", ...always("unavailable")], "ambiguous"],
    [always("unavailable"), "unavailable"],
    [always("conflict"), "conflict"],
  ])("answers puts of the fates %j with %s", async (answers, expected) => {
    const { access, store, puts } = harness(answers);
    const outcome = await publish(access, LIVE_MANIFEST);
    expect(outcome.tag).toBe(expected);
    expect(puts.length).toBeLessThanOrEqual(PUBLISH_TRIES_MAX);
    const found = await store.get(manifestKey(GRAPH, 7));
    expect(found.tag).toBe(expected === "done" ? "found" : "absent");
  });

  it("is refused when another operation has the version, however its own answers were lost (L7)", async () => {
    for (const answers of [["act"], ["ambiguous", "act"], always("ambiguous_landed")] as Answer[][]) {
      const { access, store } = harness(answers);
      await publish({ ...access, store }, OTHER);
      expect(await publish(access, LIVE_MANIFEST)).toEqual({ tag: "refused" });
      expect(await readVersion(access, GRAPH, 7)).toEqual({ tag: "found", manifest: OTHER });
    }
  });

  it("answers with the manifest that landed when the same operation is published again with other content", async () => {
    const { access } = harness([]);
    await publish(access, LIVE_MANIFEST);
    const again = await publish(access, { ...LIVE_MANIFEST, at: "2027-01-01T00:00:00Z" });
    expect(again).toEqual({ tag: "done", manifest: LIVE_MANIFEST });
  });
});

describe("reading", () => {
  it("repeats a failed read and gives up without guessing", async () => {
    const { access, store } = harness([]);
    await publish(access, LIVE_MANIFEST);
    for (const [failures, expected] of [
      [READ_TRIES_MAX - 1, "head"],
      [READ_TRIES_MAX, "unavailable"],
    ] as const) {
      let left: number = failures;
      const get: ObjectStore["get"] = (key) => {
        left -= 1;
        return left >= 0 ? Promise.resolve({ tag: "unavailable", reason: "down" }) : store.get(key);
      };
      expect((await readHead({ ...access, store: { ...store, get } }, GRAPH)).tag).toBe(expected);
    }
  });

  it("looks again when the chain appeared between its two lists, and never calls the graph foreign", async () => {
    const { access, store } = harness([]);
    let lists = 0;
    const list: ObjectStore["list"] = async (options) => {
      lists += 1;
      const page = await store.list(options);
      if (lists === 1) await publish(access, LIVE_MANIFEST);
      return page;
    };
    expect(await readHead({ ...access, store: { ...store, list } }, GRAPH)).toEqual({
      tag: "head",
      manifest: LIVE_MANIFEST,
    });
    expect(lists).toBe(3);
  });
});
