import type { Bus } from "@kubestack/bus";
import { commands, type TemplateBookTold } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { call } from "../files.fixture.ts";

const serves = { unlabelled: false, masters: ["*"] };
const book: TemplateBookTold = {
  templates: [
    { ...serves, name: "rust", from: "applied", labels: ["rust"], applied: { by: "ann", at: 0 } },
    { ...serves, name: "team-a/go", from: "configmap:team-a/ci#go.yaml", labels: ["go"], masters: ["mobile"] },
  ],
  faults: [{ from: "applied", template: "bad", sentence: "template bad (the applied templates) is wrong; mend it" }],
  moreFaults: 0,
};
const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "ks-mobile-at-launch" }, spec: { containers: [] } };

/** NATS with supervisors of the masters backend and mobile. */
function running(books: readonly TemplateBookTold[] = [book], asked: object[] = []): Bus {
  const masters = ["backend", "mobile"].map((master) => ({ master, state: "ok", since: 0 }));
  return {
    requestAll: async (command: unknown) => (command === commands.templates ? books : [{ clockOffsetMs: 0, masters }]),
    request: async (_: unknown, request: object, { master }: { readonly master: string }) => {
      asked.push({ ...request, asks: master });
      return { template: { pod, settings: {} } };
    },
    close: async () => undefined,
  } as unknown as Bus;
}

describe("render of what runs", () => {
  test("prints the pod that the master's supervisor tells, and where the template comes from", async () => {
    const asked: object[] = [];
    const bus = running([book], asked);
    const { code, out, err } = await call(["templates", "render", "team-a/go"], { bus });
    expect([code, err]).toEqual([0, ""]);
    expect(out.split("\n").slice(0, 2)).toEqual([
      "# The pod of the next slave of template team-a/go, for a build of master mobile.",
      "# As the services have it; it comes from: ConfigMap team-a/ci#go.yaml.",
    ]);
    expect(parse(out)).toEqual(pod);
    const json = await call(["templates", "render", "rust", "--master", "mobile", "-o", "json", "--running"], { bus });
    expect(JSON.parse(json.out)).toEqual(pod);
    expect((await call(["templates", "render", "rust"], { bus })).out).toMatch(/comes from: applied by ann, 1970/);
    expect(asked).toEqual([
      { master: "mobile", template: "team-a/go", asks: "mobile" },
      { master: "mobile", template: "rust", asks: "mobile" },
      { master: "backend", template: "rust", asks: "backend" },
    ]);
  });

  test.each<[string, string[], Bus | undefined, string]>([
    ["no NATS", ["rust"], undefined, "NATS can't be reached."],
    ["no supervisor", ["rust"], running([]), "No slave-supervisor answers: start one"],
    ["a name of none", ["rost"], running(), "The services have no template 'rost'; did you mean rust?"],
    ["one with a fault", ["bad"], running(), "Template bad is left out: template bad (the applied templates) is wrong"],
    ["no such master", ["team-a/go", "--master", "backend"], running(), "serves no master 'backend'; there is mobile."],
  ])("%s is told in one sentence", async (_, args, bus, words) => {
    const { code, out, err } = await call(["templates", "render", ...args], bus === undefined ? {} : { bus });
    expect([code, out, err]).toEqual([1, "", expect.stringMatching(/^kubestackcmd: [^\n]*\n$/)]);
    expect(err).toContain(words);
  });
});
