/** Secrets are references everywhere; their values are nowhere (design 9, U2). */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LogEvent } from "../../lib/ports/log.ts";
import {
  apply,
  codesOf,
  importCluster,
  newWorld,
  openClient,
  plan,
  status,
  storedObjects,
} from "./cluster.ts";
import { desiredOf, filesOf, PERSON } from "./cluster-files.ts";

const NAME = "GRAPHFORM_TEST_API_KEY";
const SECRET = "s3cr3t-4f1c9a";

beforeAll(() => {
  process.env[NAME] = SECRET;
});
afterAll(() => {
  delete process.env[NAME];
});

describe("the value of a secret", () => {
  test("is in no object, no output and no log event of any command; its name is (U2)", async () => {
    const files = filesOf({
      graphs: { people: { schema: PERSON, provider: "big" } },
      providers: { big: "m" },
    });
    const yaml = files["cluster.yaml"]!.replace(
      '"kind": "mock"',
      `"kind": "openai", "api_key": "\${${NAME}}"`,
    );
    const config = desiredOf({ ...files, "cluster.yaml": yaml });
    const opened = openClient(newWorld());
    const events: LogEvent[] = [];
    const log = {
      info: (event: LogEvent) => events.push(event),
      warn: (event: LogEvent) => events.push(event),
    };
    const client = { ...opened, ports: { ...opened.ports, log } };

    const outputs = [
      await importCluster(client, config),
      (await plan(client, config, true)).output,
      await apply(client, config),
      await status(client),
    ];

    for (const output of outputs) expect(codesOf(output, "error")).toEqual([]);
    const everything = JSON.stringify([[...storedObjects(client.world)], outputs, events]);
    expect(everything).toContain(NAME);
    expect(everything).not.toContain(SECRET);
  });
});
