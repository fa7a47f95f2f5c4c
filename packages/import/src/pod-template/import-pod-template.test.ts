import { expect, test } from "vitest";
import { importPodTemplate } from "./import-pod-template.ts";

test("a mount of a volume that the pod has not is left out and told, in each container", () => {
  const mount = { name: "gone", mountPath: "/g" };
  const cache = { name: "cache", mountPath: "/c" };
  const pod = {
    spec: {
      volumes: [{ name: "cache", emptyDir: {} }],
      initContainers: [{ name: "first", image: "i", volumeMounts: [mount] }],
      containers: [{ name: "jnlp", image: "i", volumeMounts: [mount, cache] }],
    },
  };
  const { form, report } = importPodTemplate(JSON.stringify(pod), "x.yaml", { name: "t", labels: "t" });
  expect(form.templates).toMatchObject([{ pod: { spec: { containers: [{ name: "jnlp", volumeMounts: [cache] }] } } }]);
  expect(JSON.stringify(form)).not.toContain("gone");
  const told = report.groups.flatMap(({ lines }) => lines).filter(({ verdict }) => verdict === "lost");
  expect(told.map(({ path, says }) => [path.join("."), says])).toEqual(
    ["initContainers.first", "containers.jnlp"].map((at) => [
      `spec.${at}.volumeMounts.gone`,
      "mounts a volume that the pod has not; it was left out",
    ]),
  );
});

test("a folder that is no path is left out and told", () => {
  const pod = { spec: { containers: [{ name: "jnlp", image: "i", workingDir: "/a\nb" }] } };
  const { form, report } = importPodTemplate(JSON.stringify(pod), "x.yaml", { name: "t", labels: "t" });
  expect(JSON.stringify(form)).not.toContain("workDir");
  expect(report.groups.flatMap(({ lines }) => lines)).toContainEqual(
    expect.objectContaining({ verdict: "lost", says: expect.stringContaining("no absolute path") }),
  );
});

test("an init container that is called as another container is, is left out and told", () => {
  const init = (name: string) => ({ name, image: "i" });
  const pod = {
    spec: { initContainers: [init("jnlp"), init("side"), init("first")], containers: [{ name: "side", image: "s:1" }] },
  };
  const { form, report } = importPodTemplate(JSON.stringify(pod), "x.yaml", { name: "t", labels: "t" });
  expect(form.templates).toMatchObject([{ pod: { spec: { initContainers: [{ name: "first" }] } } }]);
  const told = report.groups.flatMap(({ lines }) => lines).filter(({ path }) => path.includes("initContainers"));
  expect(told.filter(({ verdict }) => verdict === "lost").map(({ path, says }) => [path.at(-1), says])).toEqual(
    ["jnlp", "side"].map((name) => [name, "has the name of another container; it was left out"]),
  );
});
