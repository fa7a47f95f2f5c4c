import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type JenkinsSimulator, type SimulatorOptions, startJenkinsSimulator } from "../simulator.ts";

let master: JenkinsSimulator;

async function restartAs(options: SimulatorOptions): Promise<void> {
  await master.stop();
  master = await startJenkinsSimulator({ time: "manual", ...options });
}

beforeEach(async () => {
  master = await startJenkinsSimulator({ time: "manual", context: "/ci" });
});
afterEach(() => master.stop());

const basic = (user: string, secret: string) => `Basic ${Buffer.from(`${user}:${secret}`).toString("base64")}`;

interface Sent {
  readonly method?: string;
  readonly secret?: string;
  readonly user?: string;
  readonly headers?: Record<string, string>;
  readonly body?: URLSearchParams | string;
}

function send(
  path: string,
  { method = "GET", secret = master.token, user = master.user, headers = {}, body }: Sent = {},
) {
  return fetch(master.url + path, {
    method,
    redirect: "manual",
    headers: { authorization: basic(user, secret), ...headers },
    ...(body === undefined ? {} : { body }),
  });
}
const post = (path: string, sent: Sent = {}) => send(path, { method: "POST", ...sent });
const json = async (path: string, sent: Sent = {}) =>
  (await send(path, sent)).json() as Promise<Record<string, unknown>>;

describe("who may come in", () => {
  test("names itself and its start in every answer", async () => {
    const answer = await send("api/json?tree=url,useCrumbs");
    expect(answer.headers.get("x-jenkins")).toBe("2.579");
    expect(answer.headers.get("x-jenkins-session")).toBe(master.core.state.session);
    expect(await answer.json()).toEqual({ _class: "hudson.model.Hudson", url: master.url, useCrumbs: true });
  });

  test("a wrong secret is 401, nobody is led to the login page, which is open", async () => {
    const wrong = await send("api/json", { secret: "wrong" });
    expect([wrong.status, await wrong.text()]).toEqual([
      401,
      expect.stringContaining("Invalid password/token for user: kubestack"),
    ]);
    const nobody = await fetch(`${master.url}api/json`);
    expect([nobody.status, await nobody.text()]).toEqual([403, expect.stringContaining("Authentication required")]);
    expect((await fetch(`${master.url}login`)).status).toBe(200);
  });

  test("nothing lies beside the context path", async () => {
    expect((await fetch(new URL("/api/json", master.url))).status).toBe(404);
  });

  test("a POST with a password needs a crumb of a session that lives; one with a token does not", async () => {
    const secret = master.password;
    master.core.createNode({ name: "n1" });
    const path = "computer/n1/changeOfflineCause";
    expect((await post(path)).status).toBe(302);
    const bare = await post(path, { secret });
    expect([bare.status, await bare.text()]).toEqual([403, expect.stringContaining("No valid crumb was included")]);
    const issued = await send("crumbIssuer/api/json", { secret });
    const { crumb, crumbRequestField } = (await issued.json()) as { crumb: string; crumbRequestField: string };
    const cookie = issued.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const signed = { secret, headers: { cookie, [crumbRequestField]: crumb } };
    expect((await post(path, signed)).status).toBe(302);
    expect((await post(path, { secret, headers: { [crumbRequestField]: crumb } })).status).toBe(403);
    master.core.restart();
    expect((await post(path, signed)).status).toBe(403);
  });

  test("a missing right is named", async () => {
    master.users.set("alice", {
      name: "alice",
      password: "pw",
      tokens: ["alices"],
      permissions: ["Overall/Read", "Job/Read"],
    });
    const refused = await post("computer/doCreateItem?name=n&type=hudson.slaves.DumbSlave", {
      user: "alice",
      secret: "alices",
    });
    expect(refused.status).toBe(403);
    expect(refused.headers.get("x-required-permission")).toBe("hudson.model.Computer.Create");
    expect(await refused.text()).toContain("alice is missing the Agent/Create permission");
  });

  test("jobs that a user may not read are not there; those it may discover are counted", async () => {
    const jobs = { secret: "hidden", known: "discover" } as const;
    const permissions = ["Overall/Read", "Job/Read"] as const;
    master.users.set("alice", { name: "alice", password: "pw", tokens: ["alices"], permissions, jobs });
    for (const name of ["open", "secret", "known"]) {
      master.core.createJob({ name, label: "go" });
      master.core.build(name);
    }
    const seen = await json("queue/api/json?tree=items[task[name]],discoverableItems[task[name]]", {
      user: "alice",
      secret: "alices",
    });
    expect(seen).toMatchObject({
      items: [{ task: { name: "open" } }],
      discoverableItems: [{ task: { name: "known" } }],
    });
    expect((await send("job/secret/api/json", { user: "alice", secret: "alices" })).status).toBe(404);
    expect((await send("job/known/api/json", { user: "alice", secret: "alices" })).status).toBe(403);
  });
});

describe("its pages", () => {
  test("an item from queue to build, in folders too", async () => {
    master.core.createJob({ name: "team/api", label: "go && linux", parameters: { REF: "main" } });
    const asked = await post("job/team/job/api/buildWithParameters", {
      body: new URLSearchParams({ REF: "x", EVIL: "y" }),
    });
    expect([asked.status, asked.headers.get("location")]).toEqual([201, `${master.url}queue/item/1/`]);
    expect(await json("queue/api/json?tree=items[id,_class,params,why,url,task[name,url,labelExpression]]")).toEqual({
      _class: "hudson.model.Queue",
      items: [
        {
          _class: "hudson.model.Queue$BuildableItem",
          id: 1,
          params: "\nREF=x",
          task: {
            _class: "hudson.model.FreeStyleProject",
            labelExpression: "go && linux",
            name: "api",
            url: `${master.url}job/team/job/api/`,
          },
          url: "queue/item/1/",
          why: "Waiting for next available executor",
        },
      ],
    });
    master.core.createNode({ name: "n1", labels: "go linux" });
    master.core.connect("n1");
    const url = `${master.url}job/team/job/api/1/`;
    expect(await json("queue/item/1/api/json?tree=cancelled,executable[number,url]")).toMatchObject({
      cancelled: false,
      executable: { number: 1, url },
    });
    expect(await json("computer/n1/api/json?tree=idle,executors[currentExecutable[url]]")).toMatchObject({
      idle: false,
      executors: [{ currentExecutable: { url } }],
    });
    master.core.advance(1000);
    expect(await json("job/team/job/api/1/api/json?tree=result,builtOn,building,duration")).toMatchObject({
      result: "SUCCESS",
      builtOn: "n1",
      building: false,
      duration: 1000,
    });
    expect(await json("job/team/api/json?tree=jobs[fullName]")).toMatchObject({ jobs: [{ fullName: "team/api" }] });
  });

  test("a pipeline's block shows a relative address and no label", async () => {
    master.core.createJob({ name: "p", kind: "pipeline", blocks: [{ label: "go" }] });
    master.core.build("p");
    const queue = await json("queue/api/json?tree=items[task[name,url,labelExpression]]");
    const name = "part of p #1";
    expect(queue).toMatchObject({
      items: [{ task: { _class: expect.stringContaining("PlaceholderTask"), name, url: "job/p/1/" } }],
    });
    expect(JSON.stringify(queue)).not.toContain("labelExpression");
    await restartAs({ wording: "1.651" });
    master.core.createJob({ name: "j", label: "go" });
    master.core.build("j");
    expect(await json("queue/api/json?tree=items[id,task[name,labelExpression]]")).toEqual({
      items: [{ id: 1, task: { name: "j" } }],
    });
  });

  test("nodes by form and by file; a name that is taken or bad is 400, with the sentence", async () => {
    const form = (name: string) =>
      new URLSearchParams({
        name,
        type: "hudson.slaves.DumbSlave",
        json: JSON.stringify({ labelString: "go", mode: "EXCLUSIVE", numExecutors: "2" }),
      });
    expect((await post("computer/doCreateItem", { body: form("n1") })).status).toBe(302);
    expect(master.core.node("n1")).toMatchObject({ labels: ["go"], mode: "EXCLUSIVE" });
    const again = await post("computer/doCreateItem", { body: form("n1") });
    expect([again.status, await again.text()]).toEqual([
      400,
      expect.stringContaining("Agent called ‘n1’ already exists"),
    ]);
    expect((await post("computer/doCreateItem", { body: form("a/b") })).headers.get("x-error")).toBe(
      "?/? is an unsafe character",
    );
    const body = "<slave><label>x y</label><numExecutors>1</numExecutors><mode>NORMAL</mode></slave>";
    const file = await post("computer/createItem?name=n2", { body, headers: { "content-type": "application/xml" } });
    expect([file.status, master.core.node("n2").labels]).toEqual([200, ["x", "y"]]);
    expect((await send("computer/n1/doDelete")).status).toBe(405);
    expect((await post("computer/n1/doDelete")).status).toBe(302);
    expect((await post("computer/n1/doDelete")).status).toBe(404);
  });

  test("while it starts it answers 503, and afterwards as another session", async () => {
    master.core.restart({ downMs: 1000 });
    const starting = await send("api/json");
    expect([starting.status, await starting.text()]).toEqual([503, expect.stringContaining("getting ready to work")]);
    master.core.advance(1000);
    expect((await send("api/json")).status).toBe(200);
  });

  test("a job's file is read, and says how long it takes", async () => {
    const body =
      "<project><assignedNode>go</assignedNode><canRoam>false</canRoam><builders><hudson.tasks.Shell><command>sleep 3; exit 1</command></hudson.tasks.Shell></builders></project>";
    expect((await post("createItem?name=j", { body, headers: { "content-type": "application/xml" } })).status).toBe(
      200,
    );
    expect(master.core.job("j").spec).toMatchObject({ label: "go", durationMs: 3000, result: "FAILURE" });
    expect(await (await send("job/j/config.xml")).text()).toContain(
      "<assignedNode>go</assignedNode><canRoam>false</canRoam>",
    );
  });

  test("the Swarm plugin's node goes with its channel", async () => {
    const body = new URLSearchParams({ name: "s", labels: "go", executors: "1", mode: "EXCLUSIVE" });
    expect((await post("plugin/swarm/createSlave", { body })).status).toBe(404);
    await restartAs({ hasSwarm: true });
    const made = async (of: URLSearchParams) => (await post("plugin/swarm/createSlave", { body: of })).text();
    const told = (name: string) => new RegExp(`^#.*\n#.*\nname=${name}\nsecret=${master.secretOf(name)}\n$`);
    expect(await made(body)).toMatch(told("s"));
    expect(await made(body)).toBe('Agent "s" already exists.\n');
    expect(master.core.node("s").labels).toEqual(["swarm", "go"]);
    const hashed = new URLSearchParams([...body, ["hash", "1a"]]);
    for (const _again of [1, 2]) expect(await made(hashed)).toMatch(told("s-1a"));
    const labels = async (name: string) => (await send(`plugin/swarm/getSlaveLabels?name=${name}`)).text();
    expect([await labels("s"), await labels("nobody")]).toEqual([
      "<labelResponse><labels>swarm go</labels></labelResponse>",
      'Agent "nobody" does not exist.\n',
    ]);
    for (const name of ["s", "s-1a"]) master.core.connect(name);
    for (const of of [body, hashed]) expect((await post("plugin/swarm/createSlave", { body: of })).status).toBe(409);
    master.core.disconnect("s-1a");
    master.core.disconnect("s");
    expect(master.core.state.nodes.size).toBe(0);
  });
});

describe("faults", () => {
  test("meet what they are told to, as often as they are told to", async () => {
    master.faults.add({ on: /queue/, times: 1, fault: { kind: "status", status: 502 } });
    expect((await send("computer/api/json")).status).toBe(200);
    expect((await send("queue/api/json")).status).toBe(502);
    expect((await send("queue/api/json")).status).toBe(200);
    expect(master.faults.met()).toBe(1);
  });

  test("an answer that is lost was carried out; a dropped request was not", async () => {
    master.core.createNode({ name: "n1" });
    master.core.createNode({ name: "n2" });
    master.faults.add({ on: /n1\/doDelete/, fault: { kind: "lost-answer" } });
    master.faults.add({ on: /n2\/doDelete/, fault: { kind: "drop" } });
    for (const name of ["n1", "n2"]) await expect(post(`computer/${name}/doDelete`)).rejects.toThrow();
    expect([...master.core.state.nodes.keys()]).toEqual(["n2"]);
  });

  test("half an answer, a login page, refused credentials, connections that are refused", async () => {
    const stop = master.faults.add({ fault: { kind: "half" } });
    await expect(send("queue/api/json").then((answer) => answer.text())).rejects.toThrow();
    stop();
    master.faults.add({ times: 1, fault: { kind: "refuse-credentials" } });
    expect((await send("queue/api/json")).status).toBe(401);
    master.faults.add({ times: 1, fault: { kind: "html" } });
    expect(await (await send("queue/api/json")).text()).toContain('type="password"');
    await master.goDown();
    await expect(send("queue/api/json")).rejects.toThrow();
    await master.comeUp();
    expect((await send("queue/api/json")).status).toBe(200);
  });

  test("the lock of many changes makes whoever asks wait", async () => {
    await restartAs({ nodeLockMs: 100 });
    master.core.createNode({ name: "n1" });
    let isAnswered = false;
    const deleted = post("computer/n1/doDelete").then(() => {
      isAnswered = true;
    });
    const { core } = master;
    await vi.waitFor(() => expect(core.state.lockFreeAtMs - core.nowMs()).toBe(200));
    master.core.advance(100);
    expect([...master.core.state.nodes.keys()]).toEqual([]);
    expect(isAnswered).toBe(false);
    master.core.advance(100);
    await deleted;
  });
});

test("a clock that runs starts, ends and wakes by itself", async () => {
  await restartAs({ time: "running", speed: 50 });
  master.core.createNode({ name: "n1", labels: "go" });
  master.core.connect("n1");
  master.core.createJob({ name: "j", label: "go", durationMs: 2000, quietPeriodMs: 1000 });
  master.core.build("j");
  await master.until((core) => core.works()[0]?.result === "SUCCESS");
});
