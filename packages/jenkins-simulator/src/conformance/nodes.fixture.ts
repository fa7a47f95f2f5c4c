import { expect, test } from "vitest";
import { connectTo, type Ground, nodeSpec } from "./ground.fixture.ts";

/** Who the master is, and its nodes while no agent is there. */
export function nodeTests(on: () => Ground): void {
  test("tells who it is, and refuses whom it does not know", async () => {
    const { under, master } = on();
    expect(await master.probe()).toMatchObject({ flavour: under.flavour, quietingDown: false });
    const stranger = connectTo(under, under.stranger);
    for (const ask of [() => stranger.probe(), () => stranger.readQueue(), () => stranger.readComputers()]) {
      await expect(ask()).rejects.toMatchObject({ code: "credential-refused" });
    }
    stranger.close();
  });

  test("a node is made once, marked, brought back and deleted", async () => {
    const { under, master, own, ownNode } = on();
    const name = ownNode("once");
    const spec = { ...nodeSpec(under, name), labels: [own("once")] };
    await master.createNode(spec);
    await expect(master.createNode(spec)).rejects.toMatchObject({ code: "already-exists" });
    await expect(master.createNode({ ...spec, name: `${name}/b` })).rejects.toMatchObject({ code: "master-refused" });
    const fresh = await master.readComputer(name);
    expect(fresh).toMatchObject({ online: false, markedOffline: false, idle: true, executors: 1, builds: [] });
    if (fresh?.labels !== null) expect(fresh?.labels.toSorted()).toEqual([name, own("once")].toSorted());
    expect(await master.markOffline(name, "goes")).toMatchObject({ changed: true });
    expect(await master.markOffline(name, "goes")).toMatchObject({ found: { markedOffline: true }, changed: false });
    // Whether or not the master can change the message, it stays marked.
    await master.markOffline(name, "out of memory", { retell: true, disconnect: true });
    expect((await master.readNode(name)).computer?.markedOffline).toBe(true);
    expect(await master.bringOnline(name)).toMatchObject({ changed: true });
    expect((await master.readComputers()).computers).toContainEqual(fresh);
    expect(await master.deleteNode(name)).toBe("deleted");
    expect(await master.deleteNode(name)).toBe("gone");
    expect(await master.readComputer(name)).toBeNull();
    const { session } = await master.readComputers();
    expect(await master.readNode(name)).toEqual({ computer: null, session });
    expect(await master.bringOnline(name)).toEqual({ found: null, session, changed: false });
  });
}
