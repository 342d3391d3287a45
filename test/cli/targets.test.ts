/** Named targets: kept, chosen, and never guessed. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { chooseTarget } from "../../cli/api/choose-target.ts";
import { decodeTargets, encodeTargets, readTargets, targetsFile } from "../../cli/api/targets-file.ts";
import { apiUrl } from "../../cli/api/url.ts";
import { addTarget, listTargets, removeTarget, useTarget } from "../../cli/verbs/targets.ts";
import { captured } from "./captured.ts";
import { forgetFolders, newFolder, runJson, start } from "./command.ts";

afterAll(forgetFolders);

const PROD = {
  api: "https://api.test",
  cluster: "brain",
  auth: undefined,
  region: undefined,
  token_env: undefined,
};

function newFile(): string {
  return targetsFile(newFolder());
}

function written(text: string): string {
  const file = newFile();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

describe("Targets", () => {
  it("are none without a file, and then the folder answers", () => {
    const file = newFile();
    expect(readTargets(file)).toMatchObject({ tag: "targets", targets: { use: "folder", targets: {} } });
    expect(chooseTarget({}, file)).toEqual({ tag: "chosen", target: null });
    expect(existsSync(file)).toBe(false);
  });

  it("are added, used by commands that name none, and removed", () => {
    const file = newFile();
    const { context, text } = captured(".");
    expect(addTarget(context, "prod", PROD, file)).toBe(0);
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(chooseTarget({}, file)).toEqual({ tag: "chosen", target: null });
    expect(useTarget(context, "prod", file)).toBe(0);
    const target = {
      url: "https://api.test",
      cluster: "brain",
      auth: { tag: "token", env: "GRAPHFORM_TOKEN" },
      words: [],
    };
    expect(chooseTarget({}, file)).toEqual({ tag: "chosen", target });
    expect(chooseTarget({ on: "folder" }, file)).toEqual({ tag: "chosen", target: null });
    expect(chooseTarget({ on: "prod", cluster: "other" }, file)).toEqual({
      tag: "chosen",
      target: { ...target, cluster: "other", words: ["--on", "prod", "--cluster", "other"] },
    });
    expect(removeTarget(context, "prod", file)).toBe(0);
    expect(chooseTarget({}, file)).toEqual({ tag: "chosen", target: null });
    expect(text()).not.toContain("ERROR");
  });

  it("hold no token, only the name of the variable that does", () => {
    const file = newFile();
    addTarget(captured(".").context, "prod", { ...PROD, token_env: "BRAIN_TOKEN" }, file);
    expect(readFileSync(file, "utf8")).toContain("token_env: BRAIN_TOKEN");
    const secret = written("format_version: 1\ntargets:\n  prod: {api: 'https://a.test', token: hunter2}\n");
    expect(readTargets(secret)).toMatchObject({
      tag: "invalid",
      diagnostics: [{ code: "targets_file_invalid" }],
    });
  });

  it.each([
    ["no YAML", "a: [", "line"],
    ["another version", "format_version: 9\n", "format_version"],
    ["a target in use that is not there", "format_version: 1\nuse: gone\n", "gone"],
    [
      "a name that means the folder",
      "format_version: 1\ntargets: {folder: {api: 'https://a.test'}}\n",
      "folder",
    ],
    [
      "a URL that sends tokens in the clear",
      "format_version: 1\ntargets: {a: {api: 'http://a.test'}}\n",
      "targets.a.api",
    ],
  ])("in a file with %s stop every command, so that none goes astray", (_what, text, says) => {
    const chosen = chooseTarget({}, written(text));
    expect(chosen).toMatchObject({ tag: "refused", diagnostics: [{ code: "targets_file_invalid" }] });
    expect(JSON.stringify(chosen)).toContain(says);
  });

  it("in a file that is broken stop nobody who says where to, and are shown with one full stop", () => {
    const file = written("format_version: 1\ntargets: {\n");
    expect(chooseTarget({ on: "folder" }, file)).toEqual({ tag: "chosen", target: null });
    expect(chooseTarget({ api: "https://a.test" }, file)).toMatchObject({ tag: "chosen" });
    expect(chooseTarget({}, file)).toMatchObject({
      diagnostics: [
        { path: file, message: expect.stringMatching(/^The targets cannot be used: .*[^.:]\.$/) },
      ],
    });
  });

  it("that are not there are named with those that are", () => {
    const file = newFile();
    addTarget(captured(".").context, "prod", PROD, file);
    expect(chooseTarget({ on: "pord" }, file)).toMatchObject({
      diagnostics: [{ code: "target_not_named", message: 'There is no target "pord". There is prod.' }],
    });
    const { context, text } = captured(".");
    expect(useTarget(context, "pord", file)).toBe(1);
    expect(removeTarget(context, "pord", file)).toBe(1);
    expect(text()).toContain("target_not_named");
  });

  it.each([
    ["Prod", "https://a.test", undefined, "target_not_named"],
    ["folder", "https://a.test", undefined, "target_not_named"],
    ["prod", "http://a.test", undefined, "deployment_url_invalid"],
    ["prod", undefined, undefined, "deployment_url_invalid"],
    ["prod", "https://a.test", "Not A Name", "deployment_cluster_unnamed"],
  ])("cannot be added as %s at %s with the cluster %s", (name, api, cluster, code) => {
    const file = newFile();
    const { context, text } = captured(".");
    expect(addTarget(context, name, { ...PROD, api, cluster }, file)).toBe(1);
    expect(text()).toContain(code);
    expect(existsSync(file)).toBe(false);
  });

  it("are written in format 1 as they always were", () => {
    const golden = readFileSync(new URL("../golden/cli/targets-1.yaml", import.meta.url), "utf8");
    const read = decodeTargets("targets-1.yaml", golden);
    expect(read).toEqual({
      tag: "targets",
      targets: {
        format_version: 1,
        use: "prod",
        targets: {
          prod: {
            api: "https://abc123.execute-api.eu-west-1.amazonaws.com",
            auth: "iam",
            region: "eu-west-1",
          },
          local: { api: "http://127.0.0.1:7474", cluster: "brain", auth: "token", token_env: "BRAIN_TOKEN" },
        },
      },
    });
    expect(read.tag === "targets" && encodeTargets(read.targets)).toBe(golden);
  });

  it("are listed with the one in use", () => {
    const file = newFile();
    addTarget(captured(".").context, "prod", PROD, file);
    const { context, text } = captured(".");
    listTargets({ ...context, json: false }, file);
    expect(text()).toBe(
      "* folder       the cluster of the config folder\n  prod         https://api.test (token, cluster brain)\n",
    );
  });
});

describe("The URL of an API", () => {
  it.each([
    ["https://api.test/", "https://api.test"],
    ["https://api.test/stage/", "https://api.test/stage"],
    ["http://127.0.0.1:7474", "http://127.0.0.1:7474"],
    ["http://localhost:7474/", "http://localhost:7474"],
    ["http://[::1]:7474", "http://[::1]:7474"],
    ["https://api.test/stage/v1/", "https://api.test/stage"],
    ["http://127.0.0.1:7474/v1", "http://127.0.0.1:7474"],
    ["https://api.test/v1x", "https://api.test/v1x"],
  ])("%s is used as %s", (text, url) => {
    expect(apiUrl(text)).toBe(url);
  });

  it.each([
    "http://api.test",
    "http://127.0.0.1.evil.test",
    "ftp://api.test",
    "https://u:p@api.test",
    "api.test",
    "",
  ])("%s is refused, because a token must not travel in the clear or to somebody else", (text) => {
    expect(apiUrl(text)).toBeNull();
  });
});

describe("A command on a deployment", () => {
  it("says which variable holds the token when there is none, and sends nothing", async () => {
    const folder = newFolder();
    const args = ["status", "--api", "http://127.0.0.1:9", "--cluster", "brain", "--json"];
    const { code, out } = await start(folder, args, { GRAPHFORM_TOKEN: "", HOME: folder }).ended;
    expect({ code, out }).toMatchObject({
      code: 1,
      out: expect.stringContaining("deployment_credentials_missing"),
    });
    expect(out).toContain("GRAPHFORM_TOKEN");
  });

  it("says that nobody answers when nobody listens", async () => {
    const folder = newFolder();
    const args = ["status", "--api", "http://127.0.0.1:9", "--cluster", "brain"];
    const { code, out } = await start(folder, args, { GRAPHFORM_TOKEN: "x".repeat(40), HOME: folder }).ended;
    expect(code).toBe(1);
    expect(out).toContain(
      "deployment_unreachable GET /v1/clusters/brain/status: http://127.0.0.1:9 gave no answer (4 tries): nothing listens there.",
    );
  });

  it.each([
    [null, "Neither the command nor the target nor cluster.yaml names a cluster"],
    ["version: 1\nmetadata: {}\n", "Neither the command nor the target nor cluster.yaml names a cluster"],
    ["version: 1\nmetadata: {name: Not A Cluster}\n", 'cluster.yaml names the cluster "Not A Cluster"'],
    ["version: 1\nmetadata: [", "ERROR invalid_cluster_yaml"],
  ])("needs to know which cluster, and says what is wrong with cluster.yaml: %j", async (text, says) => {
    const folder = newFolder();
    if (text !== null) writeFileSync(join(folder, "cluster.yaml"), text);
    const args = ["status", "--api", "http://127.0.0.1:9"];
    const { code, out } = await start(folder, args, { GRAPHFORM_TOKEN: "x".repeat(40), HOME: folder }).ended;
    expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining(says) });
    expect(out.includes("deployment_cluster_unnamed")).toBe(!says.startsWith("ERROR"));
  });

  it("names no cluster where no deployment is named, and asks a folder nothing that only a deployment knows", async () => {
    expect((await runJson(newFolder(), "status", "--cluster", "brain")).codes).toEqual(["deployment_only"]);
    expect((await runJson(newFolder(), "queries", "--graph", "a")).codes).toEqual(["deployment_only"]);
  });

  it("is signed with the AWS credentials of the machine where the target says iam, and names no token", async () => {
    const folder = newFolder();
    const heard: IncomingHttpHeaders[] = [];
    const server = createServer((request, response) => {
      heard.push(request.headers);
      response.writeHead(403, { "content-type": "application/json" }).end('{"message":"Forbidden"}');
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const added = { ...PROD, api: `http://127.0.0.1:${port}`, auth: "iam", region: "eu-west-1" } as const;
    addTarget(captured(".").context, "prod", added, targetsFile(folder));
    const keys = {
      AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "secret",
      GRAPHFORM_TOKEN: "never",
    };
    const { code, out } = await start(folder, ["refresh", "--on", "prod"], { ...keys, HOME: folder }).ended;
    server.close();
    expect({ code, out }).toMatchObject({ code: 1, out: expect.stringContaining("api_denied") });
    expect(heard).toHaveLength(1);
    expect(heard[0]?.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/execute-api\/aws4_request, SignedHeaders=[^,]*idempotency-key/,
    );
  });
});
