import { expect, test } from "vitest";
import { partsEnvironment } from "./environment.ts";

test.each([
  [{ KUBESTACK_CACHE: "/k", XDG_CACHE_HOME: "/x", HOME: "/h" }, "/k"],
  [{ XDG_CACHE_HOME: "/x", HOME: "/h" }, "/x/kubestack"],
  [{ KUBESTACK_CACHE: "", XDG_CACHE_HOME: "", HOME: "/h" }, "/h/.cache/kubestack"],
])("the cache of %j is %s", (env, expected) => {
  expect(partsEnvironment(env).cacheDir).toBe(expected);
});

test("a started server is given the path and home, and nothing else of the caller", () => {
  const { all, bare } = partsEnvironment({ PATH: "/a:/b", HOME: "/h", NPM_TOKEN: "s3cret" });
  expect(bare).toEqual({ PATH: "/a:/b", HOME: "/h" });
  expect(all).toHaveProperty("NPM_TOKEN");
});

test("the path is split, without empty folders", () => {
  expect(partsEnvironment({ PATH: "/a::/b:" }).path).toEqual(["/a", "/b"]);
});
