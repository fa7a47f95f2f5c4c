import { expect, test } from "vitest";
import { containerPaths, podFolders } from "./container-paths.ts";

const folders = podFolders("/r", "u1");

test("mounts lead into the pod's volumes, the working folder into a folder of the container's own", () => {
  const found = containerPaths(
    {
      name: "main",
      workingDir: "/home/jenkins/agent/",
      volumeMounts: [
        { name: "data", mountPath: "/data" },
        { name: "conf", mountPath: "/etc/app.yaml", subPath: "app.yaml" },
      ],
    },
    { entrypoint: [], files: { "/usr/bin/start": "/host/start" }, folders: ["/cache"] },
    folders,
  );
  expect(Object.fromEntries(found.paths.map((path) => [path.containerPath, path.hostPath]))).toEqual({
    "/usr/bin/start": "/host/start",
    "/cache": "/r/pods/u1/containers/main/cache",
    "/data": "/r/pods/u1/volumes/data",
    "/etc/app.yaml": "/r/pods/u1/volumes/conf/app.yaml",
    "/home/jenkins/agent": "/r/pods/u1/containers/main/home/jenkins/agent",
  });
  expect(found.workingDir).toBe("/r/pods/u1/containers/main/home/jenkins/agent");
  expect(found.make).toContain(found.workingDir);
  expect(found.links).toEqual([]);
});

test("a working folder below a mount is a folder of that volume, and a mount in a mount is linked there", () => {
  const found = containerPaths(
    {
      name: "main",
      workingDir: "/work/sub",
      volumeMounts: [
        { name: "work", mountPath: "/work" },
        { name: "cache", mountPath: "/work/a/cache" },
      ],
    },
    { entrypoint: [] },
    folders,
  );
  expect(found.workingDir).toBe("/r/pods/u1/volumes/work/sub");
  expect(found.make).toContain("/r/pods/u1/volumes/work/sub");
  expect(found.links).toEqual([{ at: "/r/pods/u1/volumes/work/a/cache", to: "/r/pods/u1/volumes/cache" }]);
});

test("without a working folder a process starts in an empty folder of its own", () => {
  const found = containerPaths({ name: "main" }, { entrypoint: [] }, folders);
  expect(found.workingDir).toBe("/r/pods/u1/containers/main");
  expect(containerPaths({ name: "m" }, { entrypoint: [], workingDir: "/srv" }, folders).workingDir).toBe(
    "/r/pods/u1/containers/m/srv",
  );
});
