import { afterEach, beforeEach, expect, test } from "vitest";
import { connectMaster, type Master } from "./connect.ts";
import { type FakeJenkins, page, startFakeJenkins, text } from "./fake-jenkins.fixture.ts";

let fake: FakeJenkins;
let master: Master;

beforeEach(async () => {
  fake = await startFakeJenkins();
  const auth = { kind: "token", read: async () => "sesame" } as const;
  master = connectMaster({ name: "backend", url: fake.url, user: "kubestack", auth });
});
afterEach(async () => {
  master.close();
  await fake.close();
});

const spec = {
  name: "ks-1",
  description: "d",
  labels: ["go", "a b"],
  executors: 1,
  remoteFs: "/w",
  mode: "EXCLUSIVE",
} as const;
const secret = "0123456789abcdef".repeat(4);
/** The plugin answers so, whatever it is asked. */
const answers = (status: number, body: string) => {
  fake.override = (seen, response) => seen.path === "plugin/swarm/createSlave" && text(response, status, body);
};

test("a node is asked for by a form, and its secret comes with the answer", async () => {
  answers(200, `#\n#Tue Nov 24 17:00:00 UTC 2026\r\nsecret=${secret}\r\nname=ks-1\r\n`);
  expect(await master.createSwarmNode(spec)).toEqual({ secret });
  const { method, form, query } = fake.seen[0] ?? {};
  expect([method, query?.size]).toEqual(["POST", 0]);
  expect(Object.fromEntries(form ?? [])).toEqual({
    name: "ks-1",
    description: "d",
    executors: "1",
    remoteFsRoot: "/w",
    labels: 'go "a b"',
    mode: "EXCLUSIVE",
    hash: "",
  });
});

test.each([
  ["an older plugin tells none", "#\n#a date\nname=ks-1\n", null],
  ["escaped, as Java writes it", "secret=ab\\=cd0123456789abcd\nname:ks-1", "ab=cd0123456789abcd"],
])("the secret is read: %s", async (_, body, expected) => {
  answers(200, body);
  expect(await master.createSwarmNode(spec)).toEqual({ secret: expected });
});

test.each<[string, number, string, object]>([
  [
    "no plugin",
    404,
    "Not Found",
    {
      code: "master-refused",
      retry: "never",
      message: expect.stringMatching(/has no Swarm plugin .*install the plugin/),
    },
  ],
  ["a node of the name", 409, 'Agent "ks-1" already exists.', { code: "already-exists" }],
  ["another name in the answer", 200, `name=ks-1-abcd\nsecret=${secret}`, { code: "master-refused", retry: "backoff" }],
  ["a page of a proxy", 200, "<html>Sign in</html>", { code: "master-refused", retry: "backoff" }],
  ["a missing right", 403, "Access Denied", { code: "credential-refused" }],
  ["a failure", 500, "Oops", { code: "master-unavailable" }],
])("%s is said so", async (_, status, body, expected) => {
  answers(status, body);
  await expect(master.createSwarmNode(spec)).rejects.toMatchObject(expected);
});

test("a label that no node can have is refused before anything is asked", async () => {
  fake.override = (_, response) => page(response, 500, "asked");
  await expect(master.createSwarmNode({ ...spec, labels: ['a"b'] })).rejects.toMatchObject({ code: "master-refused" });
  expect(fake.seen).toEqual([]);
});
