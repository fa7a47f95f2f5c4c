import { expect, test } from "vitest";
import { normalisedPath, pathRewriter } from "./mount-paths.ts";

const rewrite = pathRewriter([
  { containerPath: "/data", hostPath: "/pod/volumes/data" },
  { containerPath: "/data/deep/", hostPath: "/pod/volumes/deep" },
  { containerPath: "/var/run/secrets/agent", hostPath: "/pod/data" },
]);

test.each([
  ["/data", "/pod/volumes/data"],
  ["/data/", "/pod/volumes/data/"],
  ["/data/file.txt", "/pod/volumes/data/file.txt"],
  ["/data/deep", "/pod/volumes/deep"],
  ["/data/deep/file", "/pod/volumes/deep/file"],
  ["/data/deeper", "/pod/volumes/data/deeper"],
  ["/data2", "/data2"],
  ["/data.bak", "/data.bak"],
  ["/data-old", "/data-old"],
  ["x/data", "x/data"],
  ["http://host/data", "http://host/data"],
  ["$" + "(pwd)/data", "$" + "(pwd)/data"],
  ["$" + "{HOME}/data", "$" + "{HOME}/data"],
  ["--dir=/data", "--dir=/pod/volumes/data"],
  ["@/var/run/secrets/agent/secret", "@/pod/data/secret"],
  ["/bin:/data/bin:/data", "/bin:/pod/volumes/data/bin:/pod/volumes/data"],
  ["cat '/data/a' \"/data/b\" >/data/c", "cat '/pod/volumes/data/a' \"/pod/volumes/data/b\" >/pod/volumes/data/c"],
  ["no path", "no path"],
  ["", ""],
])("%s becomes %s", (text, rewritten) => {
  expect(rewrite(text)).toBe(rewritten);
});

test("a text put in is not rewritten again", () => {
  const twice = pathRewriter([
    { containerPath: "/a", hostPath: "/b/x" },
    { containerPath: "/b", hostPath: "/c" },
  ]);
  expect(twice("/a /b")).toBe("/b/x /c");
});

test("the root and relative paths are never replaced", () => {
  expect(pathRewriter([{ containerPath: "/", hostPath: "/x" }])("/etc/passwd")).toBe("/etc/passwd");
  expect(normalisedPath("//a//b/")).toBe("/a/b");
  expect(normalisedPath("/")).toBe("/");
});
