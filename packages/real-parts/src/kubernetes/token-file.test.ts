import { expect, test } from "vitest";
import { newToken, tokenFile } from "./token-file.ts";

test("a line holds token, user, uid and quoted groups", () => {
  const text = tokenFile([
    { token: "t1", user: "system:serviceaccount:ks:api", groups: ["system:serviceaccounts", "b"] },
    { token: "t2", user: "bob", uid: "7" },
  ]);
  expect(text).toBe(
    't1,system:serviceaccount:ks:api,system:serviceaccount:ks:api,"system:serviceaccounts,b"\nt2,bob,7\n',
  );
});

test.each([
  { token: "a,b", user: "u" },
  { token: "a", user: 'u"' },
  { token: "a", user: "u\nv" },
  { token: "", user: "u" },
  { token: "a", user: "u", groups: ["g,system:masters"] },
])("a field that would end its column is refused: %j", (token) => {
  expect(() => tokenFile([token])).toThrow(/quote, comma or space/);
});

test("two tokens are never the same", () => {
  expect(newToken()).not.toBe(newToken());
});
