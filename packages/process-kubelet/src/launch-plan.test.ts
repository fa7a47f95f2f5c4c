import { expect, test } from "vitest";
import { containerPaths, podFolders } from "./container-paths.ts";
import type { ImageEntry } from "./image-table.ts";
import { DEFAULT_PATH, launchPlan } from "./launch-plan.ts";
import { podFixture } from "./pod.fixture.ts";
import type { Container } from "./pod.ts";

const folders = podFolders("/r", "u-1");
const image: ImageEntry = { entrypoint: ["/data/entry"], cmd: ["default"], env: { TOOL: "/data/tool" } };

function planOf(container: Partial<Container>, entry: ImageEntry = image) {
  const pod = podFixture({ volumeMounts: [{ name: "data", mountPath: "/data" }], ...container });
  const [first] = pod.spec.containers;
  if (first === undefined) throw new Error("the fixture has a container");
  const paths = containerPaths(first, entry, folders);
  return launchPlan(pod, first, { entry, paths, folders, find: () => undefined, address: { hostIp: "127.0.0.1" } });
}

test.each<[Partial<Container>, string[]]>([
  [{}, ["/data/entry", "default"]],
  [{ args: ["a"] }, ["/data/entry", "a"]],
  [{ command: ["c"] }, ["c"]],
  [{ command: [], args: [] }, ["/data/entry", "default"]],
  [
    { command: ["c"], args: ["/data/x", "$(N)"], env: [{ name: "N", value: "1" }] },
    ["c", "/r/pods/u-1/volumes/data/x", "1"],
  ],
  [{ command: ["$(TOOL)"] }, ["$(TOOL)"]],
])("%j runs %j", (container, argv) => {
  const planned = planOf(container);
  expect(planned.ok && planned.plan.argv).toEqual(argv);
});

test("the image's own values are this machine's and stay as they are", () => {
  const planned = planOf({ env: [{ name: "MINE", value: "/data/x" }] });
  expect(planned).toMatchObject({
    ok: true,
    plan: {
      env: { TOOL: "/data/tool", MINE: "/r/pods/u-1/volumes/data/x", PATH: DEFAULT_PATH, HOSTNAME: "web" },
      workingDir: "/r/pods/u-1/containers/main",
    },
  });
});

test("what cannot be created says why", () => {
  expect(planOf({}, { entrypoint: [] })).toEqual({
    ok: false,
    reason: "CreateContainerError",
    message: "no command specified",
  });
  expect(planOf({ envFrom: [{ secretRef: { name: "s" } }] })).toEqual({
    ok: false,
    reason: "CreateContainerConfigError",
    message: 'secret "s" not found',
  });
});
