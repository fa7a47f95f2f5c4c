import type { SlaveRecord } from "@kubestack/contracts";
import { connectMaster } from "@kubestack/jenkins";
import {
  type JenkinsSimulator,
  type Permission,
  type SimulatorOptions,
  startJenkinsSimulator,
  type User,
} from "@kubestack/jenkins-simulator";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { recordIn } from "../slave-record.fixture.ts";
import type { AttachMode, AttachTarget, NodeShape } from "./attach-mode.ts";

const node: NodeShape = { workDir: "/work", unlabelled: false, description: "a slave of ours" };

/** What every attach mode must do at a Jenkins, whose nodes it makes, whatever it makes them by. */
export function describeJenkinsMode(name: string, mode: AttachMode, options: SimulatorOptions = {}): void {
  describe(`attach mode ${name}`, () => {
    let jenkins: JenkinsSimulator;
    let target: AttachTarget;
    const targets: AttachTarget[] = [];
    const slave: SlaveRecord = { ...recordIn("requested"), labels: ["python", "two words"] };

    /** The same master, as a process sees it that knows nothing yet. */
    function fresh(as: Pick<User, "name" | "tokens"> = { name: jenkins.user, tokens: [jenkins.token] }): AttachTarget {
      const auth = { kind: "token", read: async () => as.tokens[0] ?? "" } as const;
      const pause = async () => undefined;
      const master = connectMaster({ name: "backend", url: jenkins.url, user: as.name, auth, pause });
      const made = { name: "backend", master, agentUrl: jenkins.url, podLabels: {} };
      targets.push(made);
      return made;
    }
    const nodeOf = () => jenkins.core.node(slave.name);
    const nodes = () => [...jenkins.core.state.nodes.keys()];

    beforeEach(async () => {
      jenkins = await startJenkinsSimulator({ time: "manual", context: "/ci", ...options });
      target = fresh();
    });
    afterEach(async () => {
      for (const { master } of targets.splice(0)) master?.close();
      await jenkins.stop();
    });

    test("tells without asking the master what its agents are given, but for what only a launch knows", async () => {
      const of = { name: "ks-backend-at-launch", master: "backend" };
      const told = mode.agentSpecimen(of, { ...target, master: undefined, transport: "websocket" });
      const given = await mode.agentPart({ ...slave, ...of }, { ...target, transport: "websocket" });
      const stood = Object.entries(told.env).flatMap(([name, value]) => (value === "at-launch" ? [[name, value]] : []));
      expect({ ...given, env: { ...given.env, ...Object.fromEntries(stood) } }).toEqual(told);
      expect(stood.map(([name]) => name)).toEqual([
        ...["KUBESTACK_AGENT_LAUNCH", "KUBESTACK_AGENT_JAR_PATH", "KUBESTACK_AGENT_JAVA_SINCE"],
      ]);
    });

    test("makes the node that the template asks for", async () => {
      await mode.register(slave, target, node);
      expect(nodeOf()).toMatchObject({ mode: "EXCLUSIVE", remoteFs: "/work" });
      expect(nodeOf().description).toMatch(/a slave of ours$/);
      expect(nodeOf().labels).toEqual(expect.arrayContaining(["python", "two words"]));
      expect(nodeOf().executors).toHaveLength(1);
    });

    test("makes one that takes builds without a label only where the template does", async () => {
      await mode.register(slave, target, { ...node, unlabelled: true });
      expect(nodeOf().mode).toBe("NORMAL");
    });

    test("gives it the variables and the tools' homes that the template says", async () => {
      const env = { "PATH+MAVEN": "/opt/maven/bin", URL: "http://a:1/?x=y&z=ä" };
      const jdk = { type: "hudson.model.JDK$DescriptorImpl", name: "jdk 21", home: "C:\\jdk" };
      await mode.register(slave, target, { ...node, properties: { env, tools: [jdk] } });
      expect(nodeOf().properties).toEqual({
        env: Object.entries(env).map(([key, value]) => ({ key, value })),
        tools: [{ key: `${jdk.type}@jdk 21`, home: jdk.home }],
      });
    });

    test("makes it once however often it is asked, also where an answer was lost", async () => {
      jenkins.faults.add({ on: /^POST/, times: 1, fault: { kind: "lost-answer" } });
      await expect(mode.register(slave, target, node)).rejects.toMatchObject({ code: "master-unavailable" });
      for (const from of [target, target, fresh()]) await mode.register(slave, from, node);
      expect(nodes()).toEqual([slave.name]);
    });

    test("leaves a node alone whose agent is connected, with its build", async () => {
      await mode.register(slave, target, node);
      jenkins.core.createJob({ name: "j", label: "python", durationMs: null });
      jenkins.core.connect(slave.name);
      jenkins.core.build("j");
      await mode.register(slave, target, node);
      expect(await mode.look(slave, target)).toMatchObject({ computer: { online: true, idle: false } });
      expect(jenkins.core.killed()).toEqual([]);
    });

    test("hands the node's secret out as a file, and nowhere else, to whoever asks and as often as it is asked", async () => {
      await mode.register(slave, target, node);
      const secret = jenkins.secretOf(slave.name);
      for (const from of [target, target, fresh()])
        expect(await mode.secretFiles(slave, from)).toMatchObject({ secret });
      const part = await mode.agentPart(slave, target);
      expect(JSON.stringify(part)).not.toContain(secret);
      expect(JSON.stringify(part)).not.toContain(jenkins.token);
      expect(part.env.KUBESTACK_AGENT_SECRET_FILE).toBe(`${part.secret?.mountPath}/secret`);
    });

    test("knows no secret of a node that is not there", async () => {
      await expect(mode.secretFiles(slave, target)).rejects.toMatchObject({ code: "not-found" });
    });

    test("marks, looks, takes the mark away and removes, each as often as it is asked", async () => {
      await mode.register(slave, target, node);
      jenkins.core.connect(slave.name);
      expect(await mode.look(slave, target)).toMatchObject({
        computer: { online: true, idle: true, markedOffline: false },
      });
      for (const _again of [1, 2])
        expect(await mode.markOffline(slave, target, "it goes")).toEqual({
          isThere: true,
          session: jenkins.core.state.session,
        });
      expect(await mode.look(slave, target)).toMatchObject({
        computer: { online: false, idle: true, markedOffline: true },
      });
      for (const _again of [1, 2]) expect(await mode.bringOnline(slave, target)).toMatchObject({ isThere: true });
      expect(await mode.look(slave, target)).toMatchObject({ computer: { online: true, markedOffline: false } });
      for (const _again of [1, 2]) await mode.removeNode(slave, target);
      expect(nodes()).toEqual([]);
    });

    test("takes a node that is gone for gone, in this start of the master, and no error", async () => {
      const { session } = jenkins.core.state;
      expect(await mode.markOffline(slave, target, "it goes")).toEqual({ isThere: false, session });
      expect(await mode.bringOnline(slave, target)).toEqual({ isThere: false, session });
      expect(await mode.look(slave, target)).toEqual({ computer: null, session });
      await mode.removeNode(slave, target);
    });

    test("says of a master that is away that it is, to be tried again", async () => {
      await mode.prepare(target);
      await mode.register(slave, target, node);
      await jenkins.goDown();
      const calls = [
        () => mode.prepare(target),
        () => mode.register(slave, target, node),
        () => mode.markOffline(slave, target, "it goes"),
        () => mode.bringOnline(slave, target),
        () => mode.look(slave, target),
        () => mode.removeNode(slave, target),
        () => mode.secretFiles(slave, fresh()),
        () => mode.agentPart(slave, fresh()),
      ];
      for (const call of calls)
        await expect(call()).rejects.toMatchObject({
          code: "master-unavailable",
          retry: expect.not.stringMatching("never"),
        });
      // What was known of it goes on.
      expect((await mode.agentPart(slave, target)).env.KUBESTACK_AGENT_NAME).toBe(slave.name);
      await jenkins.comeUp();
      await mode.removeNode(slave, target);
      expect(nodes()).toEqual([]);
    });

    const all: Permission[] = ["Overall/Read", "Agent/Create", "Agent/Connect", "Agent/Disconnect", "Agent/Delete"];
    const refusals: [Permission, string, (of: AttachTarget) => Promise<unknown>][] = [
      ["Agent/Create", "hudson.model.Computer.Create", (of) => mode.register({ ...slave, name: "other" }, of, node)],
      ["Agent/Connect", "hudson.model.Computer.Connect", (of) => mode.secretFiles(slave, of)],
      ["Agent/Disconnect", "hudson.model.Computer.Disconnect", (of) => mode.markOffline(slave, of, "it goes")],
      ["Agent/Delete", "hudson.model.Computer.Delete", (of) => mode.removeNode(slave, of)],
    ];
    test.each(refusals)(
      "names the right that is missing, %s, to be tried again once it is given",
      async (right, id, call) => {
        await mode.register(slave, target, node);
        const tokens = ["bobs"];
        const permissions = all.filter((one) => one !== right);
        jenkins.users.set("bob", { name: "bob", password: "", tokens, permissions });
        const bob = fresh({ name: "bob", tokens });
        await expect(call(bob)).rejects.toMatchObject({
          code: "credential-refused",
          message: expect.stringContaining(id),
          retry: { afterMs: 60_000 },
        });
        jenkins.users.set("bob", { name: "bob", password: "", tokens, permissions: all });
        await call(bob);
      },
    );
  });
}
