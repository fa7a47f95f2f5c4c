import { describe, expect, test } from "vitest";
import { faultsError, printPath, showValue } from "./faults.ts";

describe("a path", () => {
  test.each([
    [[], ""],
    [["masters", 0, "url"], "masters[0].url"],
    [["a", 1, 2, "b"], "a[1][2].b"],
    [[0], "[0]"],
  ])("%j is written %s", (path, text) => {
    expect(printPath(path)).toBe(text);
  });
});

describe("a value in a message", () => {
  const root = {
    plain: "8080",
    list: [1, 2],
    long: "x".repeat(200),
    token: "hunter2",
    masters: [
      { name: "a", token: "hunter2", auth: { password: "hunter2" } },
      { name: "b", pass: "hunter2", api_key: "hunter2" },
    ],
    servers: ["nats://me:hunter2@bus.example.org:4222"],
    url: "https://me:hunter2@ci.example.org/",
  };

  test.each([
    [["plain"], "8080"],
    [["list"], "[1,2]"],
    [["missing", "deeper"], undefined],
    [["masters", 0, "name"], "a"],
  ])("%j is shown as %s", (path, text) => {
    expect(showValue(root, path)).toBe(text);
  });

  test("is cut to one short line", () => {
    expect(showValue(root, ["long"])).toHaveLength(78);
  });

  test.each([
    [["token"]],
    [["masters", 0, "token"]],
    [["masters", 0, "auth"]],
    [["masters", 0]],
    [["masters"]],
    [["masters", 1, "pass"]],
    [["masters", 1, "api_key"]],
    [["masters", 1]],
    [["servers"]],
    [["servers", 0]],
    [["url"]],
    [[]],
  ])("at %j never shows a secret", (path) => {
    expect(showValue(root, path) ?? "").not.toContain("hunter2");
  });
});

test("all faults are one error, each with path, value and rule", () => {
  const error = faultsError("/etc/kubestack/config.yaml", [
    { path: "masters[0].url", value: "ci", message: "must be a URL; correct it" },
    { path: "", message: "must hold keys and values" },
  ]);
  expect(error.code).toBe("invalid-config");
  expect(error.retry).toBe("never");
  expect(error.message).toBe(
    [
      "/etc/kubestack/config.yaml: 2 faults",
      "  masters[0].url = ci",
      "      must be a URL; correct it",
      "  (file)",
      "      must hold keys and values",
    ].join("\n"),
  );
  expect(faultsError("f", [{ path: "a", message: "b" }]).message).toContain("f: 1 fault\n");
});
