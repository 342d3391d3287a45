/** A storage is called healthy exactly if it keeps every promise; each broken one is found, and nothing is left. */
import { describe, expect, it } from "vitest";
import { createMemoryBackend, type MemoryBackend } from "../../lib/memory/backend.ts";
import { createCountingIds } from "../../lib/memory/ids.ts";
import { createMemoryObjectStore } from "../../lib/memory/object-store.ts";
import { type DoctorOutput, examineStore, type StorePromise } from "../../lib/observe/doctor.ts";
import type { ObjectStore, StoreKey, WriteOutcome } from "../../lib/ports/object-store.ts";

type Flaw = (store: ObjectStore, backend: MemoryBackend) => Partial<ObjectStore>;

async function examine(flaw: Flaw): Promise<{ output: DoctorOutput; left: readonly string[] }> {
  const backend = createMemoryBackend();
  const honest = createMemoryObjectStore(backend);
  const store = { ...honest, ...flaw(honest, backend) };
  const output = await examineStore(store, createCountingIds(), "memory");
  return { output, left: [...backend.objects.keys()] };
}

function brokenIn(output: DoctorOutput): readonly StorePromise[] {
  return output.promises.filter(({ verdict }) => verdict === "broken").map(({ promise }) => promise);
}

async function overwrite(backend: MemoryBackend, key: StoreKey, bytes: Uint8Array): Promise<WriteOutcome> {
  backend.objects.set(key, Uint8Array.from(bytes));
  const found = await createMemoryObjectStore(backend).get(key);
  return found.tag === "found" ? { tag: "done", value: found.version } : { tag: "conflict" };
}

/** What servers without conditional requests do: the condition is not looked at. */
const IGNORES_IF_NONE_MATCH: Flaw = (_store, backend) => ({
  putIfAbsent: async (key, bytes) => overwrite(backend, key, bytes),
});
const LOOKS_AND_THEN_PUTS: Flaw = (store, backend) => ({
  putIfAbsent: async (key, bytes) => {
    const before = await store.get(key);
    if (before.tag === "absent") return overwrite(backend, key, bytes);
    return { tag: "refused", current: { tag: "absent" } };
  },
});
const IGNORES_IF_MATCH_ON_PUT: Flaw = (store, backend) => ({
  replace: async (key, bytes) => {
    backend.objects.delete(key);
    return store.putIfAbsent(key, bytes);
  },
});
const IGNORES_IF_MATCH_ON_DELETE: Flaw = (_store, backend) => ({
  remove: async (key) => {
    backend.objects.delete(key);
    return { tag: "done", value: null };
  },
});
const LISTS_LATE: Flaw = (store) => ({
  list: async (options) => {
    const listed = await store.list(options);
    return listed.tag === "listed" && options.prefix.endsWith("list/")
      ? { ...listed, keys: listed.keys.slice(0, -1) }
      : listed;
  },
});
const READS_LATE: Flaw = (store) => ({
  get: async (key) => (key.endsWith("/read") ? { tag: "absent" } : store.get(key)),
});

describe("doctor", () => {
  it("finds every promise kept by an honest storage and leaves nothing there", async () => {
    const { output, left } = await examine(() => ({}));
    expect(output).toMatchObject({ ok: true, diagnostics: [] });
    expect(output.promises.map(({ verdict }) => verdict)).toEqual(Array.from({ length: 6 }, () => "kept"));
    expect(left).toEqual([]);
  });

  const flaws: readonly (readonly [string, Flaw, readonly StorePromise[]])[] = [
    ["puts over what is there", IGNORES_IF_NONE_MATCH, ["put_if_absent", "one_winner"]],
    ["looks first and then puts", LOOKS_AND_THEN_PUTS, ["one_winner"]],
    ["replaces whatever is there", IGNORES_IF_MATCH_ON_PUT, ["replace_on_version"]],
    ["removes whatever is there", IGNORES_IF_MATCH_ON_DELETE, ["remove_on_version"]],
    ["lists late", LISTS_LATE, ["list_after_write"]],
    ["reads late", READS_LATE, ["read_after_write"]],
  ];
  for (const [title, flaw, promises] of flaws) {
    it(`finds out that a storage ${title}, and says what it means`, async () => {
      const { output } = await examine(flaw);
      expect(output.ok).toBe(false);
      expect(brokenIn(output)).toEqual(promises);
      const codes = output.diagnostics.map(({ code }) => code);
      expect(codes).toContain("store_promise_broken");
    });
  }

  it("calls a storage that does not answer unknown, not broken, and not healthy", async () => {
    const away = { tag: "unavailable", reason: "nobody there" } as const;
    const { output } = await examine(() => ({
      get: async () => away,
      putIfAbsent: async () => away,
      replace: async () => away,
      remove: async () => away,
      list: async () => away,
    }));
    expect(output.ok).toBe(false);
    expect(brokenIn(output)).toEqual([]);
    expect(output.diagnostics.map(({ code }) => code)).toContain("store_promise_unknown");
    expect(output.diagnostics[0]?.message).toContain("nobody there");
  });

  it("names what it could not remove", async () => {
    const { output, left } = await examine(() => ({
      remove: async () => ({ tag: "unavailable", reason: "deletion is denied" }),
    }));
    const named = output.diagnostics
      .filter(({ code }) => code === "store_probe_left")
      .map(({ path }) => path);
    expect([...named].sort()).toEqual([...left].sort());
    expect(left.length).toBeGreaterThan(0);
  });
});
