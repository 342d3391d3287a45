/** What a load says when the store does not answer: never that rows are stored, or not stored, without knowing it. */
import { describe, expect, it } from "vitest";
import { renderLoad } from "../../cli/render/render-load.ts";
import { styleFor } from "../../cli/style.ts";
import { loadGraph } from "../../lib/apply/load-graph.ts";
import { appliedWorld, type Client, codesOf, openClient, rowsOf } from "./cluster.ts";
import { PERSON } from "./cluster-files.ts";
import { interfering } from "./faults.ts";
import type { Call, Fate } from "./interference.ts";

const PEOPLE = { graphs: { people: { schema: PERSON } } };

async function* lines() {
  yield await Promise.resolve(Buffer.from('{"type":"Person","data":{"name":"Ada"}}\n'));
}

function load(client: Client) {
  return loadGraph(client.ports, {
    graph: "people",
    mode: "append",
    actor: "ana",
    config_dir: "demo",
    source_name: "people.jsonl",
    open: lines,
    progress: () => undefined,
  });
}

/** The applied cluster as a client sees it whose puts of manifests meet the fate, and whose reads fail from then on. */
async function muted(fate: Fate) {
  const { world } = await appliedWorld(PEOPLE);
  let mute = false;
  const client = openClient(
    world,
    interfering((call: Call) => {
      if (call.writes && call.key.includes("/__manifest/")) {
        mute = true;
        return fate;
      }
      return mute ? "fail" : "act";
    }),
  );
  return { world, client };
}

describe("a load", () => {
  it("answers unknown when the answer to its publication is lost, and says so to people (L5, L6)", async () => {
    const { world, client } = await muted("lose_answer");
    const output = await load(client);
    expect({ ok: output.ok, codes: codesOf(output) }).toEqual({ ok: false, codes: ["load_outcome_unknown"] });
    expect(await rowsOf(openClient(world), "people")).toBe(1);
    const text = renderLoad(output, styleFor(false, undefined)).join("\n");
    expect(text).toContain("it is not known whether all rows were stored or none");
    expect(text).not.toContain("nothing was changed");
  });

  it("says that nothing was changed only when nothing was or will be (L5)", async () => {
    const { world, client } = await muted("fail");
    const output = await load(client);
    expect({ ok: output.ok, codes: codesOf(output) }).toEqual({ ok: false, codes: ["load_failed"] });
    expect(await rowsOf(openClient(world), "people")).toBe(0);
    const text = renderLoad(output, styleFor(false, undefined)).join("\n");
    expect(text).toContain("load into graph.people failed; nothing was changed");
  });
});
