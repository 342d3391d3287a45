/** Repetition of store calls: bounded, with identical bytes. */
import { describe, expect, it } from "vitest";
import { ATTEMPTS_MAX, RETRY_DELAY_MS } from "../../lib/ledger/limits.ts";
import { putOnce, retryRead } from "../../lib/ledger/retry.ts";
import { createMemoryBackend } from "../../lib/memory/backend.ts";
import { storeKey, type WriteOutcome } from "../../lib/ports/object-store.ts";
import { faultyPorts, healthyPorts } from "./faulty-ports.ts";

const KEY = storeKey("__graphform/receipts/x.json");
const text = (content: string): Uint8Array => new TextEncoder().encode(content);

describe("a read that is repeated", () => {
  it("is given up after a bounded number of attempts with doubling pauses", async () => {
    const ports = healthyPorts(createMemoryBackend(), 0);
    const started = ports.clock.nowMs();
    let attempts = 0;
    const outcome = await retryRead(ports.clock, async () => {
      attempts += 1;
      return { tag: "unavailable", reason: "down" };
    });
    expect(outcome.tag).toBe("unavailable");
    expect(attempts).toBe(ATTEMPTS_MAX);
    expect(ports.clock.nowMs() - started).toBe(RETRY_DELAY_MS * (2 ** (ATTEMPTS_MAX - 1) - 1));
  });

  it("is not repeated once it is answered, whatever the answer", async () => {
    const ports = healthyPorts(createMemoryBackend(), 0);
    let attempts = 0;
    await retryRead(ports.clock, async () => {
      attempts += 1;
      return { tag: "absent" };
    });
    expect(attempts).toBe(1);
  });
});

describe("an object that is put once", () => {
  it("is present when the same bytes are there already, and other when others are (L2)", async () => {
    const backend = createMemoryBackend();
    const ports = healthyPorts(backend, 0);
    expect((await putOnce(ports, KEY, text("one"))).tag).toBe("present");
    expect((await putOnce(ports, KEY, text("one"))).tag).toBe("present");
    const other = await putOnce(ports, KEY, text("two"));
    expect(other.tag === "other" ? new TextDecoder().decode(other.bytes) : other).toBe("one");
    expect(new TextDecoder().decode(backend.objects.get(KEY))).toBe("one");
  });

  it("is recognised as its own when the answer to the put was lost (W10)", async () => {
    for (const fate of ["landed", "lost", "conflict", "error"] as const) {
      const faulty = faultyPorts(healthyPorts(createMemoryBackend(), 0), (call) => call === 1, fate);
      expect((await putOnce(faulty.ports, KEY, text("one"))).tag).toBe("present");
    }
  });

  it("is unavailable only if no attempt can have landed, and ambiguous otherwise", async () => {
    const tags: string[] = [];
    for (const fate of ["error", "conflict", "lost", "late"] as const) {
      const faulty = faultyPorts(healthyPorts(createMemoryBackend(), 0), () => true, fate);
      tags.push((await putOnce(faulty.ports, KEY, text("one"))).tag);
    }
    expect(tags).toEqual(["unavailable", "unavailable", "ambiguous", "ambiguous"]);
  });

  it("stays ambiguous when an attempt was lost and the later ones were not accepted", async () => {
    const ports = healthyPorts(createMemoryBackend(), 0);
    const answers: WriteOutcome[] = [{ tag: "ambiguous", reason: "lost" }];
    const store = {
      ...ports.store,
      putIfAbsent: async (): Promise<WriteOutcome> =>
        answers.shift() ?? { tag: "unavailable", reason: "down" },
    };
    expect((await putOnce({ store, clock: ports.clock }, KEY, text("one"))).tag).toBe("ambiguous");
  });
});
